"""Commands of gdb for this kernel; `./dev debug` loads them.  They read the kernel's structs by its debug information,
with nothing running meanwhile, and call nothing: a kernel in any state can be looked at."""
import gdb

PAGE_SHIFT = 12


def container(pointer, struct, member):
    """The STRUCT whose MEMBER the pointer shows."""
    kind = gdb.lookup_type("struct " + struct)
    offset = next(field.bitpos // 8 for field in kind.fields() if field.name == member)
    return (pointer.cast(gdb.lookup_type("char").pointer()) - offset).cast(kind.pointer()).dereference()


def entries(head, struct, member):
    """The STRUCTs on a list, in its order."""
    link = head["next"]
    while link != head.address:
        entry = container(link, struct, member)
        yield entry
        link = entry[member]["next"]


def processes():
    return entries(gdb.parse_and_eval("all_procs"), "proc", "all_link")


def flag_names(value, kind):
    """PROT or flags as the names of their enum."""
    names = (field.name for field in gdb.lookup_type("enum " + kind).fields() if value & field.enumval)
    return "|".join(name.removeprefix("VMA_").lower() for name in names) or "-"


def enum_name(value, kind):
    return next(field.name for field in gdb.lookup_type("enum " + kind).fields() if field.enumval == value)


def object_text(vma):
    """What the region shows, from which page on."""
    shown = vma["object"]
    if int(shown) == 0:
        return ""
    page = int(vma["object_page"])
    if shown["ops"] == gdb.parse_and_eval("&vnode_object_ops"):
        vnode = container(shown, "vnode", "object")
        return f" inode {int(vnode['ino'])} of device {int(vnode['mount']['dev']):#x} from page {page}"
    return f" object {int(shown):#x} from page {page}"


def vma_text(vma):
    rights = int(vma["prot"])
    mode = "".join(letter if rights & bit else "-" for letter, bit in (("r", 1), ("w", 2), ("x", 4)))
    kind = enum_name(int(vma["kind"]), "vma_kind").removeprefix("VMA_").lower()
    return (f"{int(vma['start']):08x}-{int(vma['end']):08x} {mode} {kind:5} "
            f"{flag_names(int(vma['flags']), 'vma_flags')}{object_text(vma)}")


class Vmas(gdb.Command):
    """vmas PID: the regions of process PID, in the order of their addresses."""

    def __init__(self):
        super().__init__("vmas", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if len(words) != 1 or not words[0].isdigit():
            raise gdb.GdbError("usage: vmas PID")
        for proc in processes():
            if int(proc["pid"]) == int(words[0]):
                return self.show(proc)
        raise gdb.GdbError(f"there is no process {words[0]}")

    @staticmethod
    def show(proc):
        name = proc["name"].string()
        if int(proc["uspace"]) == 0:
            print(f"{int(proc['pid'])} {name}: no address space")
            return
        space = proc["uspace"]["as"]
        print(f"{int(proc['pid'])} {name}: {int(space['vmas']['count'])} regions, "
              f"{int(space['count']['resident'])} of {int(space['count']['promised'])} pages there")
        for vma in entries(space["vmas"]["order"], "vma", "link"):
            print(vma_text(vma))


Vmas()
