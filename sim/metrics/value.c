/* value.c: exact arithmetic on one division of two integers (see result.h). */
#include <string.h>

#include "sim/base/assert.h"
#include "sim/metrics/result.h"

typedef unsigned __int128 Wide;

static Wide magnitude(__int128 n) {
    return n < 0 ? -(Wide)n : (Wide)n;
}

/* The digits of the rounded magnitude without a point, least first; returns how many. Working a
 * digit at a time keeps the remainder below den, so nothing overflows. */
static int rounded_digits(SimValue v, int decimals, char *digits) {
    Wide den = (Wide)v.den, whole = magnitude(v.num) / den, rest = magnitude(v.num) % den;
    char fraction[SIM_VALUE_DECIMALS];
    for (int i = 0; i < decimals; i++) {
        rest *= 10;
        fraction[i] = (char)(rest / den);
        rest %= den;
    }
    int carry = rest * 2 >= den, n = 0;
    for (int i = decimals - 1; i >= 0; i--) {
        int digit = fraction[i] + carry;
        carry = digit == 10;
        digits[n++] = (char)(carry ? 0 : digit);
    }
    for (whole += (Wide)carry; whole > 0 || n == decimals; whole /= 10)
        digits[n++] = (char)(whole % 10);
    return n;
}

int sim_value_print(SimValue v, int decimals, char *buffer, int size) {
    SIM_CHECK(v.den >= 0 && decimals >= 0 && decimals <= SIM_VALUE_DECIMALS);
    char text[SIM_VALUE_TEXT] = "null";
    int length = 4;
    if (v.den != 0) {
        char digits[SIM_VALUE_TEXT];
        int n = rounded_digits(v, decimals, digits), zeros = 0;
        while (zeros < n && digits[zeros] == 0)
            zeros++;
        length = 0;
        if (v.num < 0 && zeros < n) text[length++] = '-';
        for (int i = n - 1; i >= 0; i--) {
            text[length++] = (char)('0' + digits[i]);
            if (i == decimals && i > 0) text[length++] = '.';
        }
        text[length] = 0;
    }
    if (size > 0) {
        int copied = length < size ? length : size - 1;
        memcpy(buffer, text, (size_t)copied);
        buffer[copied] = 0;
    }
    return length;
}

bool sim_value_scale(SimValue v, int decimals, __int128 *scaled) {
    SIM_CHECK(v.den >= 0 && decimals >= 0 && decimals <= SIM_VALUE_DECIMALS);
    if (v.den == 0) return false;
    char digits[SIM_VALUE_TEXT];
    __int128 sum = 0;
    for (int i = rounded_digits(v, decimals, digits) - 1; i >= 0; i--) {
        int digit = v.num < 0 ? -digits[i] : digits[i];
        if (__builtin_mul_overflow(sum, (__int128)10, &sum)) return false;
        if (__builtin_add_overflow(sum, (__int128)digit, &sum)) return false;
    }
    *scaled = sum;
    return true;
}

int sim_value_compare(SimValue a, SimValue b) {
    SIM_CHECK(a.den >= 0 && b.den >= 0);
    if (a.den == 0) return -1;
    if (b.den == 0) return 1;
    /* Whole parts first, then remainders of size below 2^63, whose products fit. */
    __int128 whole_a = a.num / a.den, rest_a = a.num % a.den;
    __int128 whole_b = b.num / b.den, rest_b = b.num % b.den;
    if (whole_a != whole_b) return whole_a < whole_b ? -1 : 1;
    __int128 left = rest_a * b.den, right = rest_b * a.den;
    return (left > right) - (left < right);
}
