/** GSM 03.38, default alphabet: one septet each. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** GSM 03.38, extension table: an escape and a septet. */
const EXTENDED = new Set('\f^{}\\[~]|€');

/**
 * How many messages the network sends and bills: 160 septets or 70 UTF-16 units in one, 153 or 67 in each of several.
 *
 * One character outside GSM-7 makes the whole text UCS-2. No character is split between two messages.
 *
 * @see 3GPP TS 23.038 §6, TS 23.040 §9.2.3.24.1
 */
export function smsSegments(text: string): number {
  const characters = Array.from(text);
  return characters.every(isGsm7)
    ? packed(
        characters.map((character) => (EXTENDED.has(character) ? 2 : 1)),
        160,
        153,
      )
    : packed(
        characters.map((character) => character.length),
        70,
        67,
      );
}

const isGsm7 = (character: string) => BASIC.has(character) || EXTENDED.has(character);

function packed(sizes: readonly number[], alone: number, each: number): number {
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    const fits = used + size <= each;
    used = fits ? used + size : size;
    segments += fits ? 0 : 1;
  }
  return segments;
}

/** Letters without a decomposition, and signs word processors put in names. */
const PLAIN: Readonly<Record<string, string>> = { Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', ı: 'i', œ: 'oe', '’': "'", '–': '-' };

/** A text in letters one septet each; signs it lacks are left out. @returns undefined where a letter has no counterpart. */
export function inGsm7(text: string): string | undefined {
  const characters = Array.from(text.normalize('NFC'), plain);
  return characters.includes(undefined) ? undefined : characters.join('');
}

function plain(character: string): string | undefined {
  const candidates = [character, PLAIN[character], character.normalize('NFKD').replace(/\p{M}/gu, '')];
  const found = candidates.find(
    (text) => text !== undefined && text !== '' && Array.from(text).every((c) => BASIC.has(c)),
  );
  return found ?? (/[\p{L}\p{N}]/u.test(character) ? undefined : '');
}
