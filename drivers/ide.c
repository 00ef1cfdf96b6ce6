/* Disks on the two legacy IDE channels of a PC (ATA/ATAPI-6; Intel 82371SB PIIX3 data sheet, section 2.6 for the bus
   master). Transfers go by bus-master DMA with an interrupt at the end; where the controller or the drive cannot, or
   when DMA failed, by programmed I/O with polling.  Every wait has an end: a transfer that does not answer within
   WAIT_NS is tried again after a reset, and is E_IO after ATTEMPTS.  One request at a time per channel, as the
   hardware has it. */
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/platform.h>
#include <arch/time.h>
#include <dev/blk.h>
#include <dev/pci.h>
#include <kern/log.h>
#include <kern/mutex.h>
#include <kern/sched.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/frame.h>

#include "drivers_priv.h"

#define CHANNELS 2u
#define DRIVES 2u
#define SECTOR 512u
#define SECTORS_PER_BLOCK (BLK_SIZE / SECTOR)
#define WORDS_PER_SECTOR (SECTOR / 2)
#define LBA28_SECTORS 0x0fffffffu
#define ATTEMPTS 3u
#define WAIT_NS 5000000000ull /* a drive that spins up answers within this */
#define PROBE_NS 1000000000ull
#define FLUSH_NS 30000000000ull /* a full cache takes its time (ATA-6, 8.12: "may take longer than 30 s") */
#define RESET_HOLD_US 5u        /* ATA-6, 9.2: SRST for at least 5 us */

/* Offsets from the channel's base: the task file. */
enum { DATA = 0, SECTOR_COUNT = 2, LBA_LOW = 3, LBA_MID = 4, LBA_HIGH = 5, DEVICE = 6, STATUS = 7, COMMAND = 7 };
enum { STATUS_ERR = 0x01, STATUS_DRQ = 0x08, STATUS_DF = 0x20, STATUS_BSY = 0x80, STATUS_FLOATING = 0xff };
enum { DEVICE_LBA = 0xe0, DEVICE_SECOND = 0x10 };
enum { CONTROL_NO_IRQ = 2, CONTROL_RESET = 4 };
enum {
	ATA_READ_SECTORS = 0x20,
	ATA_WRITE_SECTORS = 0x30,
	ATA_READ_DMA = 0xc8,
	ATA_WRITE_DMA = 0xca,
	ATA_FLUSH_CACHE = 0xe7,
	ATA_IDENTIFY = 0xec,
};
/* Words of IDENTIFY (ATA-6, table 27). */
enum { ID_CAPABILITIES = 49, ID_SECTORS_LOW = 60, ID_SECTORS_HIGH = 61, ID_COMMANDS = 83 };
enum { ID_CAN_DMA = 0x100, ID_CAN_LBA = 0x200 };
enum { ID_CAN_FLUSH = 0x1000, ID_COMMANDS_MASK = 0xc000, ID_COMMANDS_VALID = 0x4000 };
/* Bus master: offsets from the channel's base. */
enum { BM_COMMAND = 0, BM_STATUS = 2, BM_TABLE = 4, BM_CHANNEL_STRIDE = 8 };
enum { BM_START = 1, BM_TO_MEMORY = 8, BM_ERROR = 2, BM_INTERRUPT = 4 };
enum { PCI_STORAGE = 1, PCI_IDE = 1, IDE_NATIVE_MODES = 0x05, PCI_BUS_MASTER_BAR = 4 };

/* A physical region descriptor (PIIX3, 2.6.1): 64 KiB at most, not across such a border; the last has END. */
struct dma_region {
	uint32_t pa;
	uint16_t bytes;
	uint16_t flags;
};
enum { DMA_REGION_END = 0x8000 };

struct ide_channel {
	ioport_t base, control;   /* (c) */
	ioport_t master;          /* (c) bus master registers; 0: none */
	struct mutex lock;        /* RANK_DEVICE: the channel's registers and table */
	struct dma_region *table; /* (c) BLK_RUN_MAX entries */
	struct spinlock irq_lock; /* RANK_DRIVER */
	bool interrupted;         /* guarded by irq_lock */
	struct waitq done;        /* condition: interrupted */
};

struct ide_drive {
	struct blkdev blk;
	struct ide_channel *channel; /* (c) */
	uint8_t select;              /* (c) DEVICE register */
	bool has_flush;              /* (c) knows the command; one that does not has no cache */
	bool dma;                    /* channel's lock: still trusted */
};

static struct ide_channel channels[CHANNELS];
static struct ide_drive drives[CHANNELS * DRIVES];
static const char *const drive_names[] = {"hda", "hdb", "hdc", "hdd"};

static uint8_t ide_read(const struct ide_channel *c, unsigned reg)
{
	return io_read8((ioport_t)(c->base + reg));
}

static void ide_write(const struct ide_channel *c, unsigned reg, unsigned value)
{
	io_write8((ioport_t)(c->base + reg), (uint8_t)value);
}

/* ---- waiting ---- */

/* 400 ns, until the status after a command or a selection is valid: four reads of the alternate status (ATA-6, 9.). */
static void settle(const struct ide_channel *c)
{
	for (unsigned i = 0; i < 4; i++)
		io_read8(c->control);
}

/* Poll until BSY is gone and one of WANT (0: nothing else) is there, or the drive reports an error.
   => E_TIMEDOUT; E_IO: error. */
static enum status poll(const struct ide_channel *c, uint8_t want, uint64_t limit_ns)
{
	uint64_t deadline = arch_time_ns() + limit_ns;
	uint8_t status;

	for (;;) {
		status = io_read8(c->control);
		if (!(status & STATUS_BSY)) {
			if (status & (STATUS_ERR | STATUS_DF))
				return E_IO;
			if (want == 0 || (status & want))
				return OK;
		}
		if (arch_time_ns() >= deadline)
			return E_TIMEDOUT;
		sched_yield();
	}
}

static void ide_interrupt(void *ctx)
{
	struct ide_channel *c = ctx;
	uint8_t status;

	spin_lock(&c->irq_lock);
	status = ide_read(c, STATUS);                /* the drive lets go of the line */
	if (!(status & (STATUS_BSY | STATUS_DRQ))) { /* else a late one: the request of now is not done */
		c->interrupted = true;
		waitq_wake_all(&c->done);
	}
	spin_unlock(&c->irq_lock);
}

static void expect_interrupt(struct ide_channel *c)
{
	uint32_t saved = spin_lock_irq(&c->irq_lock);

	c->interrupted = false;
	spin_unlock_irq(&c->irq_lock, saved);
}

static enum status wait_interrupt(struct ide_channel *c, uint64_t limit_ns)
{
	uint64_t deadline = arch_time_ns() + limit_ns;
	uint32_t saved = spin_lock_irq(&c->irq_lock);
	enum status st = OK;

	while (!c->interrupted && st == OK)
		st = waitq_wait(&c->done, &c->irq_lock, WAIT_UNINTERRUPTIBLE, deadline);
	if (c->interrupted)
		st = OK;
	spin_unlock_irq(&c->irq_lock, saved);
	return st;
}

/* ---- commands ---- */

static void select_drive(const struct ide_drive *d, unsigned lba_top)
{
	ide_write(d->channel, DEVICE, d->select | lba_top);
	settle(d->channel);
}

/* The drive listens. => E_TIMEDOUT: it is busy with something else. */
static enum status ready(const struct ide_drive *d, uint32_t lba)
{
	enum status st;

	select_drive(d, lba >> 24);
	st = poll(d->channel, 0, WAIT_NS);
	/* What a polled command left pending would interrupt as soon as it may: polling does not take it away. */
	ide_read(d->channel, STATUS);
	return st == E_IO ? OK : st; /* the error of a command before */
}

static void start(const struct ide_drive *d, uint32_t lba, unsigned sectors, unsigned command, bool irq)
{
	const struct ide_channel *c = d->channel;

	io_write8(c->control, irq ? 0 : CONTROL_NO_IRQ);
	ide_write(c, SECTOR_COUNT, sectors);
	ide_write(c, LBA_LOW, lba);
	ide_write(c, LBA_MID, lba >> 8);
	ide_write(c, LBA_HIGH, lba >> 16);
	ide_write(c, COMMAND, command);
}

/* Both drives of the channel begin afresh. */
static void reset(struct ide_channel *c)
{
	io_write8(c->control, CONTROL_RESET | CONTROL_NO_IRQ);
	arch_delay_us(RESET_HOLD_US);
	io_write8(c->control, CONTROL_NO_IRQ);
	settle(c);
	(void)!poll(c, 0, WAIT_NS); /* what comes next finds out by itself */
}

/* ---- one attempt at a transfer ---- */

struct transfer {
	bool write;
	uint32_t lba;
	const paddr_t *pa;
	unsigned blocks;
};

static void fill_table(struct ide_channel *c, const struct transfer *t)
{
	for (unsigned i = 0; i < t->blocks; i++)
		c->table[i] = (struct dma_region){t->pa[i], BLK_SIZE, i + 1 == t->blocks ? DMA_REGION_END : 0};
}

static void master_write(const struct ide_channel *c, unsigned reg, unsigned value)
{
	io_write8((ioport_t)(c->master + reg), (uint8_t)value);
}

static enum status transfer_dma(struct ide_drive *d, const struct transfer *t)
{
	struct ide_channel *c = d->channel;
	uint8_t direction = t->write ? 0 : BM_TO_MEMORY, master, status;
	enum status st;

	fill_table(c, t);
	io_write32((ioport_t)(c->master + BM_TABLE), arch_window_pa(c->table));
	master_write(c, BM_COMMAND, direction);
	master_write(c, BM_STATUS, BM_ERROR | BM_INTERRUPT);
	expect_interrupt(c);
	start(d, t->lba, t->blocks * SECTORS_PER_BLOCK, t->write ? ATA_WRITE_DMA : ATA_READ_DMA, true);
	master_write(c, BM_COMMAND, direction | BM_START);
	st = wait_interrupt(c, WAIT_NS);
	master_write(c, BM_COMMAND, direction);
	master = io_read8((ioport_t)(c->master + BM_STATUS));
	status = ide_read(c, STATUS);
	if (st != OK)
		return st;
	return (master & BM_ERROR) || (status & (STATUS_BSY | STATUS_DRQ | STATUS_ERR | STATUS_DF)) ? E_IO : OK;
}

static enum status transfer_sector(const struct ide_channel *c, const struct transfer *t, unsigned sector)
{
	char *at = (char *)arch_window(t->pa[sector / SECTORS_PER_BLOCK]) + sector % SECTORS_PER_BLOCK * SECTOR;
	enum status st = poll(c, STATUS_DRQ, WAIT_NS);

	if (st != OK)
		return st;
	if (t->write)
		io_write16_rep((ioport_t)(c->base + DATA), at, WORDS_PER_SECTOR);
	else
		io_read16_rep((ioport_t)(c->base + DATA), at, WORDS_PER_SECTOR);
	settle(c);
	return OK;
}

static enum status transfer_pio(struct ide_drive *d, const struct transfer *t)
{
	unsigned sectors = t->blocks * SECTORS_PER_BLOCK;
	enum status st = OK;

	start(d, t->lba, sectors, t->write ? ATA_WRITE_SECTORS : ATA_READ_SECTORS, false);
	settle(d->channel);
	for (unsigned i = 0; i < sectors && st == OK; i++)
		st = transfer_sector(d->channel, t, i);
	return st == OK ? poll(d->channel, 0, WAIT_NS) : st;
}

static enum status attempt(struct ide_drive *d, const struct transfer *t)
{
	enum status st = ready(d, t->lba);

	if (st != OK)
		return st;
	return d->dma ? transfer_dma(d, t) : transfer_pio(d, t);
}

/* ---- the block interface ---- */

static struct ide_drive *drive_of(struct blkdev *b)
{
	return container_of(b, struct ide_drive, blk);
}

static enum status transfer(struct blkdev *b, const struct transfer *t)
{
	struct ide_drive *d = drive_of(b);
	enum status st = E_IO;
	bool dma;

	mutex_lock(&d->channel->lock);
	dma = d->dma;
	for (unsigned i = 0; i < ATTEMPTS && st != OK; i++) {
		if (i > 0)
			reset(d->channel);
		st = attempt(d, t);
		if (st != OK)
			d->dma = false;
	}
	/* A bad sector fails either way; only where polling helped is DMA to blame. */
	if (st != OK || !dma)
		d->dma = dma;
	else if (!d->dma)
		printk(LOG_WARNING, "%s: DMA failed, polling from now on", b->name);
	mutex_unlock(&d->channel->lock);
	if (st == OK)
		return OK;
	printk(LOG_WARNING, "%s: %s of block %u failed (error %d)", b->name, t->write ? "write" : "read",
	       t->lba / SECTORS_PER_BLOCK, -st);
	return E_IO;
}

static enum status ide_read_blocks(struct blkdev *b, uint32_t block, const paddr_t *pa, unsigned n)
{
	return transfer(b, &(struct transfer){false, block * SECTORS_PER_BLOCK, pa, n});
}

static enum status ide_write_blocks(struct blkdev *b, uint32_t block, const paddr_t *pa, unsigned n)
{
	return transfer(b, &(struct transfer){true, block * SECTORS_PER_BLOCK, pa, n});
}

static enum status flush_cache(struct ide_drive *d)
{
	struct ide_channel *c = d->channel;
	enum status st = ready(d, 0);

	if (st != OK)
		return st;
	expect_interrupt(c);
	start(d, 0, 0, ATA_FLUSH_CACHE, d->dma);
	settle(c);
	if (d->dma) /* then its interrupts are trusted too */
		st = wait_interrupt(c, FLUSH_NS);
	return st == OK ? poll(c, 0, FLUSH_NS) : st;
}

static enum status ide_flush(struct blkdev *b)
{
	struct ide_drive *d = drive_of(b);
	struct ide_channel *c = d->channel;
	enum status st;

	if (!d->has_flush)
		return OK;
	mutex_lock(&c->lock);
	st = flush_cache(d);
	if (st != OK)
		reset(c);
	mutex_unlock(&c->lock);
	if (st == OK)
		return OK;
	printk(LOG_WARNING, "%s: flush failed (error %d)", b->name, -st);
	return E_IO;
}

/* ---- finding drives ---- */

/* => whether an ATA disk is there; WORDS are what it says of itself. */
static bool identify(struct ide_drive *d, uint16_t *words)
{
	struct ide_channel *c = d->channel;
	uint8_t status;

	select_drive(d, 0);
	status = ide_read(c, STATUS);
	if (status == 0 || status == STATUS_FLOATING)
		return false;
	start(d, 0, 0, ATA_IDENTIFY, false);
	settle(c);
	if (ide_read(c, STATUS) == 0 || poll(c, STATUS_DRQ, PROBE_NS) != OK)
		return false; /* nothing, or a CD drive, which answers with an error */
	io_read16_rep((ioport_t)(c->base + DATA), words, WORDS_PER_SECTOR);
	return words[ID_CAPABILITIES] & ID_CAN_LBA;
}

static void probe_drive(unsigned i)
{
	static const struct blkdev_ops ops = {.read = ide_read_blocks, .write = ide_write_blocks, .flush = ide_flush};
	struct ide_drive *d = &drives[i];
	uint16_t words[WORDS_PER_SECTOR];
	uint32_t sectors;

	d->channel = &channels[i / DRIVES];
	d->select = (uint8_t)(DEVICE_LBA | (i % DRIVES ? DEVICE_SECOND : 0));
	if (!identify(d, words))
		return;
	sectors = words[ID_SECTORS_LOW] | (uint32_t)words[ID_SECTORS_HIGH] << 16;
	if (sectors > LBA28_SECTORS)
		sectors = LBA28_SECTORS;
	d->dma = d->channel->master && (words[ID_CAPABILITIES] & ID_CAN_DMA);
	d->has_flush = (words[ID_COMMANDS] & (ID_COMMANDS_MASK | ID_CAN_FLUSH)) == (ID_COMMANDS_VALID | ID_CAN_FLUSH);
	d->blk = (struct blkdev){.ops = &ops, .name = drive_names[i], .blocks = sectors / SECTORS_PER_BLOCK};
	d->blk.major = i < DRIVES ? 3 : 22;
	d->blk.minor = i % DRIVES ? 64 : 0;
	blkdev_register(&d->blk);
	printk(LOG_INFO, "%s: %u MiB, %s", d->blk.name, sectors / 2048, d->dma ? "DMA" : "polling");
}

/* The bus master of the first IDE function that runs its channels at the legacy places. => its first port; 0: none. */
static ioport_t find_bus_master(void)
{
	struct pci_function f;

	for (unsigned n = 0; pci_find_class(PCI_STORAGE, PCI_IDE, n, &f); n++) {
		ioport_t base = pci_io_base(&f, PCI_BUS_MASTER_BAR);

		if (base == 0 || (f.interface & IDE_NATIVE_MODES))
			continue;
		pci_enable_master(&f);
		return base;
	}
	return 0;
}

static void init_channel(unsigned i, ioport_t master)
{
	struct ide_channel *c = &channels[i];
	paddr_t pa;

	c->base = platform.ide[i].base;
	c->control = platform.ide[i].control;
	mutex_init(&c->lock, RANK_DEVICE, "ide");
	spinlock_init(&c->irq_lock, RANK_DRIVER, "ide interrupt");
	waitq_init(&c->done);
	/* Without an interrupt, a bus master or a table the drives are polled. */
	if (!arch_irq_attach(platform.ide[i].irq, false, ide_interrupt, c)) {
		printk(LOG_WARNING, "ide: interrupt line %u cannot be had", platform.ide[i].irq);
		return;
	}
	if (master == 0 || frame_get(FRAME_KERNEL, &pa) != OK)
		return;
	c->table = arch_window(pa);
	c->master = (ioport_t)(master + i * BM_CHANNEL_STRIDE);
}

void ide_init(void)
{
	ioport_t master = find_bus_master();

	for (unsigned i = 0; i < CHANNELS; i++)
		init_channel(i, master);
	for (unsigned i = 0; i < ARRAY_SIZE(drives); i++)
		probe_drive(i);
}
