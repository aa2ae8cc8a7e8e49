/** An envelope; a phone; a shield with a clock's hand; a sheet of paper. */
const PATHS: Readonly<Record<string, string>> = {
  'otp-email': 'M3.5 6h17v12h-17zM4 6.5l8 6.5 8-6.5',
  'otp-phone': 'M7.5 2.5h9v19h-9zM10.5 18.5h3',
  totp: 'M12 2.5l7.5 3v6c0 4.6-3.1 8.2-7.5 10-4.4-1.8-7.5-5.4-7.5-10v-6zM12 8v4l2.5 1.5',
  'backup-code': 'M6 2.5h8l4 4v15H6zM9 11h6M9 14h6M9 17h4',
};

/** A picture beside a factor's name: it adds nothing for those who do not see it. */
export function FactorIcon({ factorId }: { readonly factorId: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[factorId] ?? PATHS['totp']} />
    </svg>
  );
}
