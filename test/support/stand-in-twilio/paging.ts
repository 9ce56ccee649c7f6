import type { Resource } from './account';
import { first, type Parameters } from './request';

/**
 * One page of a list, as the classic API (`next_page_uri`) or a newer one (`meta.next_page_url`) gives it; or what
 * is wrong with the paging parameters. The token names the last resource of the page before, so that a resource
 * which is added meanwhile repeats none and hides none.
 */
export function pageOf(
  resources: Resource[],
  url: URL,
  query: Parameters,
  key: string,
): string | ((show: (resource: Resource) => object) => object) {
  const size = Number(first(query['PageSize']) ?? 50);
  if (size < 1 || size > 1000) return 'PageSize must be between 1 and 1000';
  const page = Number(first(query['Page']) ?? 0);
  const token = first(query['PageToken']);
  if (page > 0 && !token) return 'Page needs the PageToken of the page before';
  const start = token ? resources.findIndex(({ sid }) => `PA${sid}` === token) + 1 : 0;
  if (token && start === 0) return 'PageToken is not known';

  const shown = resources.slice(start, start + size);
  const last = shown.at(-1);
  const address = (number: number, pageToken?: string) => {
    const next = new URL(url);
    next.searchParams.set('PageSize', String(size));
    next.searchParams.set('Page', String(number));
    next.searchParams.delete('PageToken');
    if (pageToken) next.searchParams.set('PageToken', pageToken);
    return url.hostname === 'api.twilio.com' ? next.pathname + next.search : next.href;
  };
  const next = last && start + size < resources.length ? address(page + 1, `PA${last.sid}`) : null;
  const own = address(page, token);

  return (show) => {
    const list = shown.map(show);
    if (url.hostname !== 'api.twilio.com') {
      const urls = { first_page_url: address(0), previous_page_url: null, url: own, next_page_url: next };
      return { [key]: list, meta: { page, page_size: size, key, ...urls } };
    }
    const uris = { first_page_uri: address(0), previous_page_uri: null, uri: own, next_page_uri: next };
    const end = start + Math.max(list.length - 1, 0);
    return { [key]: list, page, page_size: size, start, end, ...uris };
  };
}
