#!/bin/sh
# suite: shm
# cpus: 1 4
# kernels: debug release
# expect: ^shared memory was tried$
# reject: ^wrong:
# The programs of shared memory: shmtest, factorial, ipcs, ipcrm.

is() {
	if [ "$2" != "$3" ]; then
		echo "wrong: $1: got '$2', not '$3'"
		exit 1
	fi
}

is shmtest "$(shmtest)" "$(seq 10 20)"
is 'shmtest again' "$(shmtest | tail -n 1)" 20
is 'shmtest whose children die' "$(shmtest 2> /dev/null | head -n 3)" "$(seq 10 12)"
shmtest > /dev/null 2>&1 &
shmtest > /dev/null 2>&1 # the same byte: what is printed is anybody's guess, but both end
wait
shmtest 1 2> /dev/null
is 'shmtest of something' $? 2
is factorial "$(factorial 4)" 'Child:
Factorial of (4-1) = 6
Final Result = 24
Parent:
Factorial of (4) = 24'
is 'factorial 1' "$(echo $(factorial 1))" 'Child: Factorial of (1-1) = 1 Final Result = 1 Parent: Factorial of (1) = 1'
is 'factorial 12' "$(factorial 12 | tail -n 1)" 'Factorial of (12) = 479001600'
for n in 0 -3 x 4x '' 13 99999999999 -99999999999; do
	is "factorial $n" "$(factorial "$n" 2>&1 > /dev/null | grep -c '^factorial: '; factorial "$n" 2> /dev/null)" 1
	factorial "$n" > /dev/null 2>&1
	is "status of factorial $n" $? 1
done
is 'factorial 13' "$(factorial 13 2>&1 | grep -c overflow)" 1
is 'factorial 12 words' "$(factorial 12 2>&1 | grep -c overflow)" 0
factorial > /dev/null 2>&1
is 'status of factorial' $? 1
is 'factorial leaves nothing' "$(wc -l < /proc/sysvipc/shm | head -n 1)" 1

is 'ipcs of nothing' "$(ipcs | grep -c '^0x')" 0
is 'ipcs -u of nothing' "$(ipcs -u | grep 'segments')" 'segments allocated 0'
sysv_segment 4660 5000
sysv_segment 4661 20000
is ipcs "$(echo $(ipcs | grep '^0x00001234' | cut -c 23-70))" '0 640 5000 0'
is 'ipcs of two' "$(ipcs -m | grep -c '^0x0000123[45]')" 2
is 'ipcs -u' "$(ipcs -u | grep 'pages allocated')" 'pages allocated 7'
is 'ipcs -p' "$(ipcs -p | grep -c '^[0-9]')" 2
is 'ipcs -t' "$(ipcs -t | grep -c 'Not set *Not set')" 2
is 'ipcs -c' "$(ipcs -c | grep -c ' 640 ')" 2
is 'ipcs -l' "$(ipcs -l | grep 'min seg')" 'min seg size (bytes) = 1'
ipcrm -M 4660 || is ipcrm 1 0
is 'ipcrm by key' "$(ipcs | grep -c '^0x')" 1
ipcrm -M 0x1234 2> /dev/null
is 'ipcrm of none' $? 1
ipcrm -M 4661x 2> /dev/null
is 'ipcrm of no number' $? 1
sysv_segment 4660 5000
ipcrm -m $(ipcs | grep '^0x00001235' | cut -c 12-22) || is ipcrm 1 0
is 'ipcrm by id' "$(ipcs | grep -c '^0x00001234')" 1
sysv_segment 0 5000
ipcrm -a || is 'ipcrm -a' 1 0
is 'ipcrm of all' "$(ipcs | grep -c '^0x')" 0
for tool in shmtest factorial pctest ipcs ipcrm; do
	is "$tool --help" "$($tool --help | grep -c "^usage: $tool")" 1
done
echo shared memory was tried
