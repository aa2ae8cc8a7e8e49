import { describe, expect, it } from 'vitest';
import { allowedReturn } from '../../../shared/account/login-methods.ts';

const tenant = { allowedOrigins: ['https://app.example.com'] };

describe('allowedReturn', () => {
  it('lets a page of a listed origin through, as a browser reads it', () => {
    expect(allowedReturn('https://APP.example.com/a/../b?c#d', tenant)).toBe('https://app.example.com/b?c#d');
  });

  it.each([
    'https://evil.example/',
    'https://app.example.com.evil.example/',
    'https://app.example.com@evil.example/',
    'https://user:secret@app.example.com/',
    'https://app.example.com:8443/',
    'http://app.example.com/',
    '//app.example.com/',
    '/settings',
    'javascript:alert(1)//https://app.example.com',
    'data:text/html,https://app.example.com',
    'https:\\\\evil.example/https://app.example.com',
    'null',
    '',
    `https://app.example.com/${'a'.repeat(2000)}`,
  ])('refuses %j', (value) => {
    expect(allowedReturn(value, tenant)).toBeUndefined();
  });
});
