#!/usr/bin/env python3
# suite: lazy
"""memview at the terminal: the same picture on the serial line and on the VGA screen, its keys, and a terminal that works
afterwards, also when Ctrl-C ended it."""
import re

PROMPT = r"/ \$ \r\x1b\[4C"
CTRL_C = "\x03"
END = r"\x1b\[K\r\n\x1b\[J"  # of a picture
SCREEN, CELLS, COLUMNS = 0xB8000, 80 * 25, 80
WHITE_ON_RED, PLAIN = 0x47, 0x07


def vga(guest):
    """(character, attribute) of all cells of the VGA screen."""
    answer = re.findall(r"^[0-9a-f]{16}:(.*)$", guest.monitor(f"xp /{CELLS}hx {SCREEN:#x}"), re.M)
    words = re.findall(r"0x([0-9a-f]{4})\b", "".join(answer))
    assert len(words) == CELLS, words[:10]
    return [(chr(int(w, 16) & 0xFF), int(w, 16) >> 8) for w in words]


def rows(cells):
    text = "".join(c for c, _ in cells)
    return [text[i:i + COLUMNS].rstrip() for i in range(0, len(text), COLUMNS)]


def picture(guest):
    """The lines of the next picture on the serial line."""
    guest.expect(END)
    raw = bytes(guest.console[:guest.seen])
    raw = raw[raw.rindex(b"\x1b[H"):]
    return [line.rstrip() for line in re.sub(rb"\x1b\[[0-9;]*[A-Za-z]", b"", raw).decode().replace("\r", "").split("\n")]


def process_of(lines):
    return next(int(line.split()[1]) for line in lines if line.startswith("process "))


def same_on_both_screens(guest):
    guest.send("memview -i 3600\n")
    lines = picture(guest)
    cells = vga(guest)
    shown = rows(cells)
    assert lines[0].endswith("a character") and len(lines) < 25, lines
    assert shown[:len(lines)] == lines and not any(shown[len(lines):]), (shown, lines)
    colours = {attribute for c, attribute in cells[COLUMNS:2 * COLUMNS] if c == "#"}
    assert colours == {WHITE_ON_RED}, colours
    assert {attribute for c, attribute in cells if c == "."} == {PLAIN}
    return lines


def keys(guest, lines):
    first = process_of(lines)
    assert first == 1, lines
    guest.send("n")
    second = process_of(picture(guest))
    assert second > first
    guest.send("x")  # means nothing, and does nothing but look again
    assert process_of(picture(guest)) == second
    guest.send("p")
    assert process_of(picture(guest)) == first
    guest.send("p")  # before the first is the last: memview itself
    last = picture(guest)
    assert re.search(r"process \d+ memview:", "\n".join(last)) and process_of(last) > second
    guest.send("q")
    guest.expect(PROMPT)


def terminal_works(guest):
    """The shell edits its line; then cat leaves that to the kernel, which echoes."""
    guest.send("echo g''o; cat\n")
    guest.expect(r"^(?:.*\r)?go\r?\n")
    guest.send("abc\x7fd\n")
    guest.expect(r"abc.*d\r\nabd\r\n")
    guest.send("\x04")
    guest.expect(PROMPT)


def goes_on_by_itself(guest):
    guest.send("memview -i 0.1\n")
    seen = {process_of(picture(guest)) for _ in range(10)}
    assert len(seen) >= 3, seen  # init, the shell, memview
    guest.send(CTRL_C)
    guest.expect(PROMPT)


def test(guest):
    guest.expect(PROMPT)
    keys(guest, same_on_both_screens(guest))
    terminal_works(guest)
    goes_on_by_itself(guest)
    terminal_works(guest)
    guest.send("memview -p 2 -i 3600\n")
    assert process_of(picture(guest)) == 2
    guest.send("q")
    guest.expect(PROMPT)
    guest.send("memview &\n")
    guest.expect("another program has the terminal")
    guest.send("poweroff\n")
