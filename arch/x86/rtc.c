/* The battery clock (Motorola MC146818A data sheet; the century's place is ACPI's to say).  Read twice until both
   readings agree outside an update; the time in it is taken for UTC. */
#include <arch/time.h>

#include "acpi_tables_priv.h"

#include <arch/io.h>

#define RTC_INDEX 0x70
#define RTC_DATA 0x71
enum { RTC_SECOND = 0, RTC_MINUTE = 2, RTC_HOUR = 4, RTC_DAY = 7, RTC_MONTH = 8, RTC_YEAR = 9, RTC_A = 10, RTC_B = 11 };
#define A_UPDATING 0x80
#define B_BINARY 0x04
#define B_24_HOURS 0x02
#define HOUR_PM 0x80
#define PATIENCE 100000u

struct rtc_time {
	uint8_t second, minute, hour, day, month, year, century;
};

static uint8_t rtc_read(uint8_t index)
{
	io_write8(RTC_INDEX, index);
	return io_read8(RTC_DATA);
}

static struct rtc_time rtc_snapshot(void)
{
	uint8_t century = acpi_facts.has_fadt ? acpi_facts.fadt.century : 0;

	for (unsigned i = 0; i < PATIENCE && (rtc_read(RTC_A) & A_UPDATING); i++)
		;
	return (struct rtc_time){
		rtc_read(RTC_SECOND),
		rtc_read(RTC_MINUTE),
		rtc_read(RTC_HOUR),
		rtc_read(RTC_DAY),
		rtc_read(RTC_MONTH),
		rtc_read(RTC_YEAR),
		century ? rtc_read(century) : 0,
	};
}

static uint32_t from_bcd(uint8_t v, bool binary)
{
	return binary ? v : (v >> 4) * 10u + (v & 15);
}

/* Days since 1970-01-01: years begin in March, so that the leap day is last. */
static uint32_t days_since_epoch(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static uint32_t hour_of(const struct rtc_time *t, uint8_t b)
{
	uint32_t hour = from_bcd(t->hour & (uint8_t)~HOUR_PM, b & B_BINARY);

	if (b & B_24_HOURS)
		return from_bcd(t->hour, b & B_BINARY);
	return hour % 12 + (t->hour & HOUR_PM ? 12 : 0);
}

static uint32_t year_of(const struct rtc_time *t, uint8_t b)
{
	uint32_t year = from_bcd(t->year, b & B_BINARY), century = from_bcd(t->century, b & B_BINARY);

	if (century >= 19 && century <= 99)
		return century * 100 + year;
	return year < 70 ? 2000 + year : 1900 + year;
}

uint64_t arch_wall_clock_s(void)
{
	struct rtc_time t, again = rtc_snapshot();
	uint8_t b = rtc_read(RTC_B);
	uint32_t days, month, day;

	for (unsigned i = 0; i < 4; i++) {
		t = again;
		again = rtc_snapshot();
		if (__builtin_memcmp(&t, &again, sizeof t) == 0)
			break;
	}
	month = from_bcd(t.month, b & B_BINARY);
	day = from_bcd(t.day, b & B_BINARY);
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return 0; /* no clock there */
	days = days_since_epoch(year_of(&t, b), month, day);
	return (uint64_t)days * 86400 + hour_of(&t, b) * 3600 + from_bcd(t.minute, b & B_BINARY) * 60 +
	       from_bcd(t.second, b & B_BINARY);
}
