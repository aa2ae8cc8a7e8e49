import { describe, expect, it } from 'vitest';
import { inNetwork, isNetwork } from '../../../shared/mfa/networks.ts';

const FULL = '2001:0db8:0000:0000:0000:0000:0000:0001';

describe('inNetwork', () => {
  it.each<[string, string]>([
    ['203.0.113.0', '203.0.113.0/24'],
    ['203.0.113.255', '203.0.113.0/24'],
    ['203.0.113.130', '203.0.113.128/25'],
    ['10.255.255.255', '10.0.0.0/8'],
    ['192.0.2.7', '192.0.2.7/32'],
    ['0.0.0.0', '0.0.0.0/0'],
    ['255.255.255.255', '0.0.0.0/0'],
    ['2001:db8::1', '2001:db8::/32'],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32'],
    ['2001:DB8::A', '2001:db8::a/128'],
    [FULL, '2001:db8::1/128'],
    ['2001:db8::1', `${FULL}/128`],
    ['::1', '::/0'],
    ['fe80::1', 'fe80::/10'],
  ])('%s is in %s', (address, range) => expect(inNetwork(address, range)).toBe(true));

  it.each<[string, string]>([
    ['203.0.114.0', '203.0.113.0/24'],
    ['203.0.112.255', '203.0.113.0/24'],
    ['203.0.113.127', '203.0.113.128/25'],
    ['11.0.0.0', '10.0.0.0/8'],
    ['192.0.2.8', '192.0.2.7/32'],
    ['2001:db9::', '2001:db8::/32'],
    ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32'],
    ['2001:db8::2', '2001:db8::1/128'],
  ])('%s is not in %s', (address, range) => expect(inNetwork(address, range)).toBe(false));

  it.each<[string, string]>([
    ['203.0.113.7', '203.0.113.99/24'],
    ['10.1.2.3', '10.200.0.1/8'],
    ['255.0.0.1', '1.2.3.4/0'],
    ['2001:db8:1::1', '2001:db8:ffff::1/32'],
    ['::2', 'ffff::1/0'],
  ])('reads a range by its prefix alone, whatever bits are set behind: %s is in %s', (address, range) => {
    expect(inNetwork(address, range)).toBe(true);
  });

  it.each<[string, string, boolean]>([
    ['::ffff:203.0.113.7', '203.0.113.0/24', true],
    ['::FFFF:203.0.113.7', '203.0.113.7/32', true],
    ['::ffff:cb00:7107', '203.0.113.0/24', true],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.0/24', true],
    ['::ffff:203.0.114.7', '203.0.113.0/24', false],
    // An address that only ends like one of IPv4 is another address.
    ['2001:db8::203.0.113.7', '203.0.113.0/24', false],
    ['64:ff9b::203.0.113.7', '203.0.113.0/24', false],
  ])('takes an IPv4 address in the form of IPv6 for what it is: %s in %s: %s', (address, range, expected) => {
    expect(inNetwork(address, range)).toBe(expected);
  });

  it.each<[string, string]>([
    ['203.0.113.7', '2001:db8::/32'],
    ['203.0.113.7', '::/97'],
    ['2001:db8::1', '0.0.0.0/0'],
    ['::1', '127.0.0.0/8'],
    ['127.0.0.1', '::1/128'],
  ])('keeps the two versions apart: %s is not in %s', (address, range) => {
    expect(inNetwork(address, range)).toBe(false);
  });

  it.each([
    ['203.0.113.7', '::/0'],
    ['203.0.113.7', '::ffff:203.0.113.0/120'],
    ['::ffff:203.0.113.7', '::ffff:203.0.113.0/120'],
  ])('finds an IPv4 address in a range of IPv6 that holds its other form: %s in %s', (address, range) => {
    expect(inNetwork(address, range)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'localhost',
    '203.0.113',
    '203.0.113.7.1',
    '203.0.113.256',
    '203.0.113.07',
    '0xcb.0.113.7',
    '3405803783',
    '203.0.113.7:443',
    '203.0.113.7, 10.0.0.1',
    ' 203.0.113.7',
    '203.0.113.7/32',
    '[2001:db8::1]',
    '2001:db8:::1',
    '2001:db8::1::',
  ])('finds what is no address in no range: %j', (address) => {
    for (const range of ['0.0.0.0/0', '::/0', '203.0.113.0/24']) expect(inNetwork(address, range)).toBe(false);
  });

  it('takes an address with a zone, which means something to one machine alone, as it is without', () => {
    expect(inNetwork('fe80::1%eth0', 'fe80::/10')).toBe(true);
    expect(inNetwork('fe80::1%eth0', '0.0.0.0/0')).toBe(false);
    expect(inNetwork('fe80::1%eth0', '2001:db8::/32')).toBe(false);
  });

  it.each([
    '',
    '/',
    '203.0.113.0',
    '203.0.113.0/',
    '/24',
    '203.0.113.0/33',
    '203.0.113.0/-1',
    '203.0.113.0/+1',
    '203.0.113.0/1.5',
    '203.0.113.0/ 24',
    '203.0.113.0/24 ',
    ' 203.0.113.0/24',
    '203.0.113.0/0x8',
    '203.0.113.0/1000',
    '203.0.113.0/24/24',
    '203.0.113.0/255.255.255.0',
    '203.0.113/24',
    '203.0.113.*',
    '203.0.113.256/24',
    '2001:db8::/129',
    '2001:db8::',
    '2001:db8/32',
    'office',
    '203.0.113.0/24,198.51.100.0/24',
  ])('throws on a range that is none, so that the condition counts as not evaluated: %j', (range) => {
    expect(isNetwork(range)).toBe(false);
    for (const address of ['203.0.113.7', '2001:db8::1', '']) {
      expect(() => inNetwork(address, range)).toThrow(/not a network such as/);
    }
  });

  it('says what the range was, and no more than a line of it', () => {
    expect(() => inNetwork('203.0.113.7', 'x'.repeat(500))).toThrow(`: ${'x'.repeat(50)}`);
    expect(() => inNetwork('203.0.113.7', 'x'.repeat(500))).not.toThrow('x'.repeat(51));
  });

  it('answers alike for more ranges than it keeps', () => {
    const range = (i: number) => `10.${i >> 8}.${i & 255}.0/24`;
    for (let round = 0; round < 2; round += 1) {
      for (let i = 0; i < 1_100; i += 1) expect(inNetwork(`10.${i >> 8}.${i & 255}.9`, range(i))).toBe(true);
      expect(inNetwork('10.0.1.9', range(0))).toBe(false);
    }
  });
});

describe('isNetwork', () => {
  it.each([
    '203.0.113.0/24',
    '203.0.113.7/32',
    '0.0.0.0/0',
    '::/0',
    '2001:db8::/32',
    '::1/128',
    '::ffff:203.0.113.0/120',
  ])('knows %s', (range) => expect(isNetwork(range)).toBe(true));
});
