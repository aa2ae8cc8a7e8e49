import type { ComponentChildren } from 'preact';

/**
 * Something that has just happened. Always in the page, empty or not: screen readers announce only what changes in a
 * region they know already.
 */
export function Notice({ tone, children }: { readonly tone: 'good' | 'bad'; readonly children?: ComponentChildren }) {
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} class={children ? `notice ${tone}` : undefined}>
      {children}
    </div>
  );
}
