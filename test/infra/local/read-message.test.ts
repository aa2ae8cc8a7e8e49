import { describe, expect, it } from 'vitest';
import { findCode, findLink } from '../../../infra/local/read-message.ts';

describe('findCode', () => {
  it.each([
    ['Your code is 123456.', '123456'],
    ['012345 is your Stepgate code\n\n@localhost #999999', '012345'],
    ['@example.com #123456', '123456'],
    ['Open http://localhost:3001/auth/1234567?x=654321 or type 4821', '4821'],
    ['On 2026-01-02 at 10:30 from 10.0.2345.1 you asked for 87654321', '87654321'],
    ['Hello 12345@example.com, the code: 246810', '246810'],
    ['Call +36301234567, quote A1234 or 1,234.5678', undefined],
    ['The code is 123 or 123456789', undefined],
    ['A code 1234th', undefined],
    ['', undefined],
  ])('reads %j', (text, code) => {
    expect(findCode(text)).toBe(code);
  });
});

describe('findLink', () => {
  it.each([
    ['Sign in: https://a.example.com/v?x=1&y=2#abc.', 'https://a.example.com/v?x=1&y=2#abc'],
    ['(http://localhost:3001/a)\nhttps://second.example.com', 'http://localhost:3001/a'],
    ['<https://a.example.com/b>', 'https://a.example.com/b'],
    ['ftp://a.example.com', undefined],
  ])('reads %j', (text, link) => {
    expect(findLink(text)).toBe(link);
  });
});
