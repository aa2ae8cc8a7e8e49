import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { contrast, themeOf } from '../../web/ui/brand-colour.ts';

const CARDS = { day: '#ffffff', night: '#181b21' } as const;
const anyColour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

it('makes every colour legible, as text, under text and as a shape, by day and by night', () => {
  fc.assert(
    fc.property(anyColour, (color) => {
      const theme = themeOf(color);
      for (const [time, card] of Object.entries(CARDS)) {
        const fill = theme[`--brand-fill-${time}`]!;
        expect(contrast(theme[`--brand-text-${time}`]!, card)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(fill, card)).toBeGreaterThanOrEqual(3);
        expect(contrast(fill, theme[`--brand-on-fill-${time}`]!)).toBeGreaterThanOrEqual(4.5);
      }
    }),
  );
});

it('leaves a colour alone that is legible as it is', () => {
  expect(themeOf('#0b6b53')).toMatchObject({
    '--brand-fill-day': '#0b6b53',
    '--brand-on-fill-day': '#ffffff',
    '--brand-text-day': '#0b6b53',
  });
});
