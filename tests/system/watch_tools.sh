#!/bin/sh
# expect: ^all tools were watched$
# reject: ^wrong:
# suite: lazy
# The programs that show memory: how they are called, what they refuse, what they say when something cannot be done.

is() {
	if [ "$2" != "$3" ]; then
		echo "wrong: $1: got '$2', not '$3'"
		exit 1
	fi
}

# status WANT COMMAND...: nothing on standard output, and a line on standard error, when it fails
status() {
	want=$1
	shift
	"$@" > out 2> err
	is "status of $*" $? $want
	if [ $want -ne 0 ]; then
		is "output of $*" "$(cat out)" ''
		is "errors of $*" "$(grep -c '' err)" 1
	fi
}

mkdir /tmp/watch || exit 1
cd /tmp/watch || exit 1
for tool in free ps pmap vmstat memory-user memview; do
	status 0 $tool --help
	is "$tool --help" "$(grep -c "^usage: $tool" out)" 1
	is "$tool --help errors" "$(cat err)" ''
	status 2 $tool -Z
	is "usage of $tool" "$(grep -c "^usage: $tool" err)" 1
	$tool --help 2> err >&-
	is "$tool --help to nowhere" $? 1
done
for bad in 'free x' 'free -t x' 'ps x' 'ps -l' 'pmap' 'pmap -x' 'pmap x' 'pmap 1x' 'pmap 0' 'pmap -- -1' \
	'vmstat x' 'vmstat 0' 'vmstat 1 0' 'vmstat 1 x' 'vmstat 1 1 1' 'vmstat -1' \
	'memory-user' 'memory-user 1 1' 'memory-user 1 1 1 1' 'memory-user 0 1 1' 'memory-user 1 1 0' 'memory-user 2 1 1' \
	'memory-user x 1 1' 'memory-user 1 1x 1' 'memory-user 1 4096 1' 'memory-user -w x 1 1 1' 'memory-user -w -1 1 1 1' \
	'memview x' 'memview -i 0' 'memview -i x' 'memview -p x' 'memview -p 0' 'memview -g 1' 'memview -o' \
	'memview -o f -g 0' 'memview -o f -i 1' 'memview -o f x'; do
	status 2 $bad
done
status 1 pmap 9999
is pmap "$(cat err)" 'pmap: 9999: no such process'
status 1 memview -p 9999
status 1 memview -o /nothing/file
status 1 memview -o /
memview > out 2> err
is 'memview to a file' $? 1
is 'memview to a file, errors' "$(grep -c 'not a terminal' err)" 1
for writer in free 'free -t' 'free -v' 'free -s' ps 'pmap 1' 'pmap -x 1' vmstat 'vmstat 0.01 1' 'memory-user 1 1 1' \
	'memview -o -'; do
	$writer >&- 2> err
	is "$writer to nowhere" $? 1
	is "$writer to nowhere, errors" "$(grep -c '' err)" 1
done
is 'free, free -b' "$(free -b | grep -c '^[0-9]*$')" 1
is 'free -k' $(free -k) $(($(free -b) / 1024))
is 'free -m' $(free -m) $(($(free -b) / 1048576))
is 'free -t' "$(free -t | grep -c '^Mem: *[0-9 ]*$')" 1
is 'memory-user' "$(memory-user -w 0 4095 4095 1 | tail -n 2)" 'malloc returned 0x0
freeing 0xfff mebibytes'
memory-user -w 0 4095 4095 1 > out
is 'memory-user status' $? 1
is 'memory-user sizes' "$(memory-user -n -w 0 1 8 3 | grep -c '^allocating 0x[147] mebibytes$')" 3
is 'pmap' "$(pmap 1 2 | grep -c '^ total ')" 2
is 'pmap, one not there' "$(pmap 1 9999 2>&1 | grep -c 'no such process')" 1
is 'ps, itself' "$(ps | grep -c ' ps$')" 1
memory-user -w 1000 8 8 8 > out &
until grep -q returned out; do sleep 0.01; done
is 'memory-user beside us' "$(pmap $! | grep -c ' 8196K rw---')" 1
kill $!
wait
cd / && rm -r /tmp/watch
echo all tools were watched
