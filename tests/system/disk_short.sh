#!/bin/sh
# run: true
# disk-size: 0x1000000
# end: panic no root file system
# log: smaller than its superblock says
# An image that is smaller than its superblock says is refused, with the reason.
