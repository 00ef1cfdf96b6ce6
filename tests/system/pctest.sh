# The bounded buffer: one to eight producers, one to eight consumers, and the exact total; arguments that are none.
# suite: shm
# cpus: 1 4
# kernels: debug release
# timeout: 120
# expect: ^all totals are exact$
for p in 1 2 3 4 5 6 7 8; do
	for c in 1 2 3 4 5 6 7 8; do
		out=$(pctest $p $c 40) || exit 1
		test "$out" = "$p producers, $c consumers, 40 items each
Total = $((p * 40))" || { echo "pctest $p $c: $out"; exit 1; }
	done
done
test "$(pctest 3 2 1 | tail -n 1)" = "Total = 3" || exit 1
test "$(pctest 2 3 2000 | tail -n 1)" = "Total = 4000" || exit 1
for bad in "" "1" "1 1" "0 1 1" "1 0 1" "1 1 0" "-1 1 1" "1 x 1" "1 1 1x" "1 1 1 1" "101 1 1" "1 101 1" "1 1 1000001" \
	"1 1 99999999999" "+1 1 1"; do
	pctest $bad >/tmp/pctest.out 2>/tmp/pctest.err
	test $? -eq 2 -a ! -s /tmp/pctest.out -a -s /tmp/pctest.err || { echo "pctest $bad: is not refused"; exit 1; }
done
rm /tmp/pctest.out /tmp/pctest.err
echo "all totals are exact"
