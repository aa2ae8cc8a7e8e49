import type { Methods } from '../service.ts';

/** The tenant's logo and name; a letter in the tenant's colour where there is no logo. */
export function Brand({ branding = {} }: { readonly branding: Methods['branding'] }) {
  const { name = 'Stepgate', logoUrl } = branding;
  return (
    <header class="brand">
      {logoUrl === undefined ? (
        <span class="initial" aria-hidden="true">
          {name.slice(0, 1).toUpperCase()}
        </span>
      ) : (
        <img src={logoUrl} alt="" />
      )}
      <span class="name">{name}</span>
    </header>
  );
}
