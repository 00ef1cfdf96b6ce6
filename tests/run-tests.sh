#!/bin/sh
# Runs numbered cases in the form of the operating-system courses (-h lists it): what a command printed, and its return
# code, are compared with files.  A tester of one's own is needed because the courses' waits for ever for a case that
# hangs, takes a folder without cases for success, and lets one case change the shell that the next one runs in.
set -u

usage() {
	cat <<'END'
usage: run-tests.sh [-h] [-v] [-t N] [-c] [-s] [-d DIR]
  -h      this help
  -v      show what each case is about and the commands that it runs
  -t N    only case N
  -c      go on after a failure
  -s      skip the file `pre`
  -d DIR  the folder of the cases (tests)

In DIR:
  N.run            the commands of case N, run by the shell in the current folder
  N.rc N.out N.err the return code, standard output and standard error that they must give; a missing one fails
  N.other          the same for tests-out/N.other, which the case writes itself; may be missing
  N.desc           what it is about; may be missing
  N.pre N.post     run before and after it, in the same shell, also when it fails; may be missing
  pre              run once at the start; when it fails, no case is run

The cases are run in the order of their numbers; their results are left in the folder tests-out.  The shell is bash
where there is one, as in the courses, else sh.  Standard input is empty.

Beyond the courses' form, in the environment:
  TEST_TIMEOUT=S   a case that takes more than S seconds fails (60; 0: no limit).  The courses' tester has no limit.
  TESTS_OUT=DIR    where the results go instead of tests-out

The status is 0 if all cases passed, 1 if one failed, if there was none, or if `pre` failed, and 2 for a wrong option.
END
}

fail() {
	echo "run-tests.sh: $*" >&2
	exit 1
}

misused() {
	echo "run-tests.sh: $*" >&2
	usage | head -n 1 >&2
	exit 2
}

is_number() {
	case $1 in
	'' | *[!0-9]*) return 1 ;;
	esac
}

# Numbers of the cases in DIR, in order.
numbers() {
	for run in "$dir"/*.run; do
		name=${run##*/}
		! is_number "${name%.run}" || echo "${name%.run}"
	done | sort -n
}

say_verdict() { # N COLOUR TEXT
	if [ -t 1 ]; then
		printf 'test %s: \033[%sm%s\033[0m\n' "$1" "$2" "$3"
	else
		printf 'test %s: %s\n' "$1" "$3"
	fi
}

show_commands() { # WHAT FILE
	[ ! -f "$2" ] || printf '%-11s%s\n' "$1" "$(cat "$2")"
}

describe() { # N
	printf 'running test %s: %s\n' "$1" "$(cat "$dir/$1.desc" 2>/dev/null)"
	show_commands pre-test: "$dir/$1.pre"
	show_commands test: "$dir/$1.run"
	show_commands post-test: "$dir/$1.post"
}

# One case, in a shell of its own: $1 is the path of its files without their endings, $2 of its results.  The time limit
# ends the commands, not this shell: what N.post clears away is cleared away then, too.
one_case='
trap : TERM
[ ! -f "$1.pre" ] || . "$1.pre" || echo "run-tests.sh: ${1##*/}.pre returned $?" >&2
(. "$1.run") >"$2.out" 2>"$2.err"
echo $? >"$2.rc"
[ ! -f "$1.post" ] || . "$1.post" || echo "run-tests.sh: ${1##*/}.post returned $?" >&2
exit 0
'

# 0, or that of `timeout`: 124 and 137 when the time was up.  In the background the case cannot take Ctrl-C, so we do;
# it is to find these signals as they are in a shell.
run_case() { # N
	timeout -k 10 "$limit" env --default-signal=INT,QUIT \
		"$shell" -c "$one_case" "$1.run" "$whole_dir/$1" "$whole_out/$1" </dev/null &
	running=$!
	wait $running
}

stop() {
	[ -z "$running" ] || { kill -TERM "$running" && wait "$running"; }
	exit 130
}

# Return codes are numbers: a file without its last newline says the same.
is_same() { # KIND FILE FILE
	case $1 in
	rc) [ "$(tr -d '[:space:]' <"$2")" = "$(tr -d '[:space:]' <"$3")" ] ;;
	*) cmp -s "$2" "$3" ;;
	esac
}

# Says how the result of a kind differs from what it should be.
check() { # N KIND
	expected=$dir/$1.$2 found=$out/$1.$2
	if [ ! -f "$expected" ]; then
		say_verdict "$1" 31 "there is no $expected to compare with"
		return 1
	elif [ ! -f "$found" ]; then
		say_verdict "$1" 31 "$1.$2 was not written"
		return 1
	elif is_same "$2" "$expected" "$found"; then
		return 0
	fi
	say_verdict "$1" 31 "$1.$2 incorrect"
	echo "  should be: $expected"
	echo "  is:        $found"
	diff -u "$expected" "$found" | tail -n +3 | head -n 100
	return 1
}

run_and_check() { # N
	[ -z "$verbose" ] || describe "$1"
	rm -f "$out/$1.rc" "$out/$1.out" "$out/$1.err" "$out/$1.other"
	run_case "$1"
	status=$?
	running=""
	right=yes
	case $status in
	0) ;;
	124 | 137) right="" && say_verdict "$1" 31 "not done after $limit seconds" ;;
	*) right="" && say_verdict "$1" 31 "its shell ended early, with $status" ;;
	esac
	for kind in rc out err other; do
		[ $kind = other ] && [ ! -f "$dir/$1.other" ] || check "$1" $kind || right=""
	done
	[ -n "$right" ] && say_verdict "$1" 32 passed
}

verbose="" go_on="" only="" skip_pre="" running="" dir=tests
limit=${TEST_TIMEOUT:-60}
out=${TESTS_OUT:-tests-out}
[ "${1:-}" != --help ] || set -- -h
while getopts :hvct:sd: option; do
	case $option in
	h) usage; exit 0 ;;
	v) verbose=yes ;;
	c) go_on=yes ;;
	s) skip_pre=yes ;;
	t) is_number "$OPTARG" || misused "-t takes a number, not '$OPTARG'"; only=$OPTARG ;;
	d) dir=$OPTARG ;;
	:) misused "-$OPTARG takes a word" ;;
	*) misused "no option -$OPTARG" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || misused "what is '$1'?"
is_number "$limit" || misused "TEST_TIMEOUT is a number of seconds, not '$limit'"
for tool in timeout env diff; do
	command -v $tool >/dev/null || fail "needs $tool"
done
shell=$(command -v bash) || shell="sh"

whole_dir=$(cd "$dir" 2>/dev/null && pwd) || fail "no folder $dir"
cases=${only:-$(numbers)}
[ -n "$cases" ] || fail "no cases (N.run) in $dir"
[ -z "$only" ] || [ -f "$dir/$only.run" ] || fail "test $only does not exist: no $dir/$only.run"
mkdir -p "$out" 2>/dev/null || fail "cannot make the folder $out"
whole_out=$(cd "$out" && pwd) || fail "cannot make the folder $out"

if [ -z "$skip_pre" ] && [ -f "$dir/pre" ]; then
	echo "doing one-time pre-test (use -s to suppress)"
	[ -z "$verbose" ] || cat "$dir/pre"
	"$shell" "$dir/pre" </dev/null || fail "pre failed with $?: no case was run"
fi

trap stop INT TERM HUP
passed=0 failed=0
for n in $cases; do
	if run_and_check "$n"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		[ -n "$go_on" ] || break
	fi
	[ -z "$verbose" ] || echo
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
