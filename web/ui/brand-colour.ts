type Rgb = readonly [number, number, number];

/** Cards as `theme.css` paints them, by day and by night. */
const CARDS = { day: '#ffffff', night: '#181b21' } as const;
/** WCAG 2.2: 4.5 for text, 3 for what marks a control. */
const TEXT = 4.5;
const SHAPE = 3;

const parse = (hex: string): Rgb => {
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
};

const hexOf = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

function luminance(hex: string): number {
  const linear = (part: number): number =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = parse(hex);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** @see WCAG 2.2, contrast ratio */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Black or white, whichever is easier to read on it: one of them always reaches 4.5. */
const legibleOn = (hex: string): string => (contrast(hex, '#ffffff') >= TEXT ? '#ffffff' : '#000000');

/** As near to the colour as the contrast allows, towards the end that the card is not. */
function against(card: string, hex: string, wanted: number): string {
  const end = luminance(card) > 0.5 ? 0 : 255;
  const from = parse(hex);
  for (let share = 0; share < 1; share += 0.05) {
    const nearer = (part: number): number => part + (end - part) * share;
    const mixed = hexOf([nearer(from[0]), nearer(from[1]), nearer(from[2])]);
    if (contrast(mixed, card) >= wanted) return mixed;
  }
  return hexOf([end, end, end]);
}

/** What a tenant's colour becomes in the theme: fill, text upon it, and text in it, by day and by night. */
export function themeOf(color: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [time, card] of Object.entries(CARDS)) {
    const fill = against(card, color, SHAPE);
    variables[`--brand-fill-${time}`] = fill;
    variables[`--brand-on-fill-${time}`] = legibleOn(fill);
    variables[`--brand-text-${time}`] = against(card, color, TEXT);
  }
  return variables;
}
