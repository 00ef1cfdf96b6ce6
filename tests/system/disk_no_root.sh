#!/bin/sh
# run: true
# log: there is no disk
# root: none
# end: panic no root file system
# Without a root file system the kernel says so.
