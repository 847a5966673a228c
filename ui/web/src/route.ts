// SPDX-License-Identifier: Apache-2.0
// route.ts: what is shown, as the hash of the address: every view, filter and choice can be linked to.
//
//   #/tasks?q=state:blocked&by=created&task=17
import {useEffect, useState} from 'preact/hooks';

export type View = 'findings' | 'tasks' | 'flame' | 'graph' | 'objects' | 'timeline' | 'compare';
const kViews: readonly View[] = ['findings', 'tasks', 'flame', 'graph', 'objects', 'timeline', 'compare'];

export interface Route {
  view: View;
  /** What filters all views. */
  q: string;
  /** Choices of the views, by name; those that are not made are not there. */
  choices: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const view = kViews.find((known) => known === path) ?? 'findings';
  const choices: Record<string, string> = {};
  let q = '';
  for (const [key, value] of new URLSearchParams(query ?? '')) {
    if (key === 'q') q = value;
    else choices[key] = value;
  }
  return {view, q, choices};
}

export function routeHash(route: Route): string {
  const query = new URLSearchParams();
  if (route.q !== '') query.set('q', route.q);
  for (const [key, value] of Object.entries(route.choices)) if (value !== '') query.set(key, value);
  const text = query.toString();
  return `#/${route.view}${text === '' ? '' : `?${text}`}`;
}

/** The address of another view, with the filter that is set now, or another one. */
export function linkTo(route: Route, view: View, choices: Record<string, string> = {}, q = route.q): string {
  return routeHash({view, q, choices});
}

/** Goes there. `replace`: without an entry in the history, as for each key of a search. */
export function go(route: Route, replace = false): void {
  const hash = routeHash(route);
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, '', hash);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    location.hash = hash;
  }
}

export function choose(route: Route, changes: Record<string, string>, replace = false): void {
  go({...route, choices: {...route.choices, ...changes}}, replace);
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    addEventListener('hashchange', update);
    return () => removeEventListener('hashchange', update);
  }, []);
  return parseRoute(hash);
}
