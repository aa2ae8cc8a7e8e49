/** A picture beside a factor's name: it adds nothing for those who do not see it. */
export function FactorIcon({ factorId }: { readonly factorId: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      {factorId === 'otp-email' ? (
        <path d="M3.5 6h17v12h-17zM4 6.5l8 6.5 8-6.5" />
      ) : (
        <path d="M7.5 2.5h9v19h-9zM10.5 18.5h3" />
      )}
    </svg>
  );
}
