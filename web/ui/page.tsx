import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app.tsx';
import { Brand } from './brand.tsx';
// oxlint-disable-next-line import/no-unassigned-import -- kit.ts says why
import './kit.ts';

export interface PageProps {
  readonly title: string;
  readonly lead?: ComponentChildren;
  /** For pages that hold more than one thing to do. */
  readonly isWide?: boolean;
  readonly children?: ComponentChildren;
}

/** Where reading goes on when what had the focus is gone. */
export const focusHeading = (): void => document.querySelector<HTMLElement>('h1')?.focus();

/** A page as a person sees it: whose it is, what it is for, and the card with what to do. */
export function Page({ title, lead, isWide = false, children }: PageProps) {
  const { methods } = useApp();
  const name = methods.branding?.name;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = name === undefined ? title : `${title} – ${name}`;
    // Screen readers start here; a field that took the focus for itself keeps it.
    if (document.activeElement === document.body) heading.current?.focus();
  }, [title, name]);
  return (
    <div class={isWide ? 'page wide' : 'page'}>
      <Brand branding={methods.branding} />
      <main class="card">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && (
          <p class="lead" id="lead">
            {lead}
          </p>
        )}
        {children}
      </main>
    </div>
  );
}
