#!/bin/sh
# expect: ^all tools were tried$
# reject: ^wrong:
# Each program of /bin does what a Unix user expects of it, in its plainest use.  (tools_memory.c runs this, too.)

is() {
	if [ "$2" != "$3" ]; then
		echo "wrong: $1: got '$2', not '$3'"
		exit 1
	fi
}

tools() {
	cd /tmp/tools || exit 1
	{ echo b 2; echo a 10; echo c 1; echo a 10; } > f
	is cat "$(cat f f | grep -c '')" 8
	is wc "$(echo $(wc < f))" '4 8 18'
	is 'wc -l' "$(echo $(cat f f | wc -l))" 8
	is 'cat -' "$(echo x | cat - f | head -n 2 | tail -n 1)" 'b 2'
	is echo "$(echo -n a; echo b c)" 'ab c'
	is sort "$(sort f | head -n 1)" 'a 10'
	is 'sort -r' "$(sort -r f | head -n 1)" 'c 1'
	is head "$(head -n 1 f)" 'b 2'
	is tail "$(tail -n 1 f)" 'a 10'
	is grep "$(grep '^a' f | grep -c '')" 2
	is 'grep -v' "$(grep -v a f | grep -c '')" 2
	grep -q nothing f && is 'grep status' 0 1
	mkdir d d/e || exit 1
	cp f d/g || exit 1
	ln d/g d/h || exit 1
	is ls "$(ls d | sort | head -n 1)" e
	is 'ls -a' "$(ls -a d | grep -c '^\.')" 2
	mv d/g d/e/i || exit 1
	is mv "$(ls d/e)" i
	is cp "$(cat d/e/i | tail -n 1)" 'a 10'
	rmdir d 2>/dev/null && is 'rmdir of a full directory' 0 1
	rm d/h d/e/i || exit 1
	rmdir d/e d || exit 1
	rm nothing 2>/dev/null && is 'rm of nothing' 0 1
	test -f f && test ! -d f && [ -d . ] && [ 3 -gt 2 ] || is test 1 0
	true || is true 1 0
	false && is false 0 1
	is env "$(env A=word env | grep '^A=')" 'A=word'
	is hexdump "$(echo AB | hexdump | grep -c '41 42\|4241')" 1
	sleep 0.01 || is sleep 1 0
	is kill "$(sleep 100 & kill -9 $!; wait $!; echo $?)" 137
	is ps "$(ps | grep -c ' init$')" 1
	is free "$(free | grep -c '^[0-9]*$')" 1
	uptime > /dev/null || is uptime 1 0
	dmesg | grep -q 'memory:' || is dmesg 1 0
	clear > /dev/null || is clear 1 0
	is quotes "$(echo 'a  b' "c  $((1 + 1))" d\ e)" 'a  b c  2 d e'
	is 'and, or' "$(true && echo a || echo b; false && echo a || echo b)" "a
b"
	is status "$(sh -c 'exit 9'; echo $?)" 9
	is redirection "$(sh -c 'echo out; echo err >&2' 2>&1 > o | cat; cat o)" "err
out"
	echo more >> o
	is append "$(tail -n 1 < o)" more
	cat nothing 2> err || grep -q nothing err || is '2>' 1 0
	echo 'echo "$1-$#-$0" # a comment' > script
	is script "$(sh script x y)" x-2-script
	is variable "$(V=1; V=$V$V; echo $V)" 11
	is loop "$(for i in 1 2 3; do echo $i; done | tail -n 1)" 3
	is pipeline "$(echo abc | cat | cat | cat | cat)" abc
	sleep 0.01 &
	wait
	rm f o err script || exit 1
	cd /
}

rm -rf /tmp/tools
mkdir /tmp/tools
tools
rmdir /tmp/tools
echo all tools were tried
