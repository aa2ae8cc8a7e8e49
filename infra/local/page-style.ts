/** One style for the pages of the local run: the system's font, light and dark, no image, no download. */
export const PAGE_STYLE = `
:root {
  --ground: #f6f7f9; --card: #fff; --line: #e2e5ea; --ink: #14181f; --soft: #5b6472;
  --accent: #0b6b53; --accent-ground: #e3f4ee; --accent-ink: #fff;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #181c22; --line: #2b313a; --ink: #eef1f5; --soft: #9aa5b4;
    --accent: #5fd3ad; --accent-ground: #14352b; --accent-ink: #08231a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
.page { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
header { display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap; margin-bottom: 1.75rem; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .75rem; }
p { margin: 0 0 1rem; }
.card > :last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: .2em; }
.lead { color: var(--soft); margin: 0 0 2rem; max-width: 36rem; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.push { margin-left: auto; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 1.25rem 1.4rem; margin-bottom: 1rem;
}
code, pre, .mono { font-family: var(--mono); font-size: .875rem; }
pre {
  margin: 0; padding: .85rem 1rem; border-radius: 10px; background: var(--ground); border: 1px solid var(--line);
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.text { font-family: inherit; font-size: .95rem; background: none; border: 0; padding: 0; margin-bottom: .75rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .55rem 1.5rem; margin: 0; align-items: baseline; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: .1rem; } dd { margin-bottom: .6rem; } }
.meta { display: flex; flex-wrap: wrap; gap: .35rem .75rem; align-items: center; margin-bottom: .6rem; }
.meta strong { overflow-wrap: anywhere; }
.tag {
  font-size: .75rem; font-weight: 600; padding: .1rem .55rem; border-radius: 99px;
  background: var(--accent-ground); color: var(--accent);
}
.code { display: flex; align-items: center; gap: 1rem; flex-wrap: wrap; margin: .25rem 0 .9rem; }
.code output { font: 600 2.25rem/1.1 var(--mono); letter-spacing: .12em; }
button {
  font: inherit; font-size: .875rem; font-weight: 600; padding: .4rem .9rem; border-radius: 9px; cursor: pointer;
  border: 1px solid var(--line); background: var(--card); color: var(--ink);
}
button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
button:hover { filter: brightness(1.06); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
summary { cursor: pointer; color: var(--accent); }
iframe { width: 100%; height: 30rem; margin: .75rem 0 .25rem; border: 1px solid var(--line); border-radius: 10px; background: #fff; }
.empty { text-align: center; padding: 3.5rem 1.5rem; color: var(--soft); }
`;
