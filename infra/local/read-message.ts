const URLS = /https?:\/\/[^\s<>"']+/g;
const ADDRESSES = /[^\s@<>]+@[^\s@<>]+/g;
/** Not inside a word, a decimal number, a date, a time or a port. */
const ALONE = /(?<![\p{L}\p{N}_]|\p{N}[.,:/-])\d{4,8}(?![\p{L}\p{N}_]|[.,:/-]\p{N})/u;

/** The one-time code in a text: the first run of 4 to 8 digits that stands alone, outside URLs and mail addresses. */
export function findCode(text: string): string | undefined {
  return ALONE.exec(text.replaceAll(URLS, ' ').replaceAll(ADDRESSES, ' '))?.[0];
}

/** The first http(s) URL in a text, without the punctuation of the sentence around it. */
export function findLink(text: string): string | undefined {
  return text.match(URLS)?.[0].replace(/[.,;:!?)\]]+$/, '');
}
