#!/bin/sh
# run: kbench
# mem: 512
# kernels: release
# timeout: 300
# expect: KBENCH-BEGIN
# expect: KBENCH-END
# A static program for the Linux ABI that was written for other kernels runs to its end, unchanged.
