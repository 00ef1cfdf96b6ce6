/* Fuzz target (libFuzzer): an image of arbitrary bytes is mounted, checked, walked, read and changed by every call
   of dmfs.  Build: clang -fsanitize=fuzzer,address,undefined with fs/dmfs, lib/crc.c, lib/bitmap.c and lib/panic.c;
   without libFuzzer, -DSTANDALONE gives a main() that runs the files named on its command line. The first byte chooses:
   even, the rest is the beginning of a disk; odd, it is a row of patches (block, offset, 4 bytes) on a small good
   image, which goes deeper sooner.  The checksum of the superblock is made right in both. */
#include "../unit/test_dmfs_image.h"

#include <lib/crc.h>

#define FUZZ_BLOCKS 128u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *good_image(void)
{
	static struct image im;
	struct dmfs_inode ip;
	uint32_t ino;

	if (im.disk)
		return im.disk;
	image_make(&im, FUZZ_BLOCKS, 32);
	NEED(image_create(&im, 1, "dir", S_IFDIR | 0755, &ino) == OK);
	NEED(image_create(&im, ino, "inner", S_IFDIR | 0755, &ino) == OK);
	NEED(image_create(&im, 1, "file", S_IFREG | 0644, &ino) == OK);
	NEED(image_load(&im, ino, &ip) == OK);
	NEED(image_write(&im, &ip, 0, 1) == OK && image_write(&im, &ip, 100, 1) == OK);
	NEED(image_write(&im, &ip, 5000, 1) == OK && dmfs_inode_store(&ip) == OK);
	image_unmount(&im);
	return im.disk;
}

static void apply_patches(uint8_t *disk, const uint8_t *data, size_t size)
{
	for (; size >= 7; data += 7, size -= 7) {
		size_t at = data[0] % FUZZ_BLOCKS * DMFS_BLOCK_SIZE +
		            ((size_t)data[1] << 4 | (data[2] & 15)) % DMFS_BLOCK_SIZE;

		if (at + 4 <= (size_t)FUZZ_BLOCKS * DMFS_BLOCK_SIZE)
			memcpy(disk + at, data + 3, 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t bytes = (size_t)FUZZ_BLOCKS * DMFS_BLOCK_SIZE;
	struct dmfs_super *sb;
	struct image im;

	if (size < 2)
		return 0;
	image_new(&im, FUZZ_BLOCKS);
	if (data[0] & 1) {
		memcpy(im.disk, good_image(), bytes);
		apply_patches(im.disk, data + 1, size - 1);
	} else {
		memcpy(im.disk, data + 1, size - 1 < bytes ? size - 1 : bytes);
	}
	sb = (struct dmfs_super *)(void *)im.disk;
	sb->crc = crc32c(0, sb, offsetof(struct dmfs_super, crc));
	image_survive(&im);
	image_free(&im);
	return 0;
}

#ifdef STANDALONE
int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");

		NEED(f);
		LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, f));
		fclose(f);
	}
	return 0;
}
#endif
