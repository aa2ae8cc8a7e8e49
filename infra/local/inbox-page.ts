import { escapeHtml, type Page } from './html.ts';
import type { InboxMessage } from './inbox.ts';

/** The inbox for people: newest first, the code big, and up to date by itself. */
export function inboxPage(messages: readonly InboxMessage[], to: string | undefined): Page {
  return {
    title: messages.length === 0 ? 'Inbox · Stepgate' : `Inbox (${messages.length}) · Stepgate`,
    body: `<div class="page">
<header><h1>Inbox</h1><a class="small" href="/">Stepgate, local run</a>
<button class="push" type="button" data-clear>Empty the inbox</button></header>
${filterNote(to)}
<main id="messages" aria-live="polite" data-ids="${escapeHtml(idsOf(messages))}">
${messages.length === 0 ? EMPTY : messages.toReversed().map(messageCard).join('\n')}
</main></div>`,
    script: SCRIPT,
    frames: true,
  };
}

const idsOf = (messages: readonly InboxMessage[]): string => `${messages.length}:${messages.at(-1)?.id ?? ''}`;

const EMPTY = `<div class="card empty"><p>Nothing here yet.</p>
<p class="small">Every mail and text message that Stepgate sends in the local run arrives here instead of at a person.
The page refreshes itself.</p></div>`;

function filterNote(to: string | undefined): string {
  if (to === undefined) return '';
  return `<p class="soft small">To <strong>${escapeHtml(to)}</strong> only. <a href="/__local/inbox">Show all</a></p>`;
}

function messageCard(message: InboxMessage): string {
  return `<article class="card">
<div class="meta"><span class="tag">${message.channel === 'email' ? 'Mail' : 'SMS'}</span>
<strong>${escapeHtml(message.to)}</strong>
<span class="soft small">${escapeHtml(message.purpose)}</span>
<time class="soft small push" datetime="${new Date(message.sentAt).toISOString()}">${clockTime(message.sentAt)}</time></div>
${message.subject === '' ? '' : `<h2>${escapeHtml(message.subject)}</h2>`}
${message.code === undefined ? '' : codeBlock(message.code)}
<pre class="text">${linkified(message.text)}</pre>
${message.html === '' ? '' : htmlFrame(message.id)}
</article>`;
}

const htmlPath = (id: string): string => `/__local/inbox/${encodeURIComponent(id)}/html`;

/** In a sandbox that lets nothing run or open; read only once somebody looks. */
const htmlFrame = (id: string): string => `<details class="small"><summary>Show as HTML</summary>
<iframe sandbox loading="lazy" title="The mail as HTML" src="${htmlPath(id)}"></iframe>
<p><a href="${htmlPath(id)}">On a page of its own</a></p></details>`;

const clockTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB');

const codeBlock = (code: string): string =>
  `<div class="code"><output>${escapeHtml(code)}</output>
<button class="main" type="button" data-copy="${escapeHtml(code)}">Copy</button></div>`;

/** Escapes first, so that what follows only ever sees text; a URL ends where an escaped quote or bracket begins. */
function linkified(text: string): string {
  return escapeHtml(text).replaceAll(
    /https?:\/\/(?:(?!&(?:lt|gt|quot|#39);)[^\s])+?(?=[.,;:!?)\]]*(?:\s|$|&(?:lt|gt|quot|#39);))/g,
    (url) => `<a href="${url}" rel="noreferrer">${url}</a>`,
  );
}

/**
 * Asks for the JSON every two seconds and takes over the page's own list when something came or went. Only the list is
 * parsed: the style of a whole page would carry another nonce than this page allows.
 */
const SCRIPT = `
const list = () => document.getElementById('messages');
const read = (accept) => fetch(location.href, { headers: { accept } });
const refresh = async () => {
  if (document.hidden) return;
  const messages = await (await read('application/json')).json();
  if (messages.length + ':' + (messages.at(-1)?.id ?? '') === list().dataset.ids) return;
  if (list().querySelector('details[open]')) return;
  const html = await (await read('text/html')).text();
  const part = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
  list().replaceWith(new DOMParser().parseFromString(part, 'text/html').getElementById('messages'));
  document.title = document.title.replace(/^Inbox( \\(\\d+\\))?/, messages.length ? 'Inbox (' + messages.length + ')' : 'Inbox');
};
const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling);
    button.textContent = 'Selected';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
};
document.addEventListener('click', async ({ target }) => {
  if (target.matches('[data-copy]')) await copy(target);
  if (!target.matches('[data-clear]')) return;
  await fetch('/__local/inbox', { method: 'DELETE' });
  await refresh();
});
setInterval(() => refresh().catch(() => {}), 2000);
`;
