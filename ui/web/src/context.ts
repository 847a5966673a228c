// SPDX-License-Identifier: Apache-2.0
// context.ts: what every part of the page may use: the dump, what is shown of it, and which tasks the filter leaves.
import {createContext} from 'preact';
import {useContext} from 'preact/hooks';
import {type Dump} from './dump';
import {type Route, type View, linkTo} from './route';

export interface PageContext {
  dump: Dump;
  route: Route;
  /** Live tasks that the filter leaves, by row + 1. */
  tasks: Int32Array;
}

export const Page = createContext<PageContext | null>(null);

export function usePage(): PageContext {
  const page = useContext(Page);
  if (page === null) throw new Error('no page around it');
  return page;
}

/** Addresses of this page. */
export function useLinks() {
  const {dump, route} = usePage();
  return {
    to: (view: View, choices: Record<string, string> = {}, q = route.q) => linkTo(route, view, choices, q),
    task: (task: number) => linkTo(route, 'tasks', {task: dump.taskKey(task)}, ''),
    object: (object: number) => linkTo(route, 'objects', {object: dump.objectKey(object)}, ''),
    finding: (number: number) => linkTo(route, 'findings', {finding: String(number)}, ''),
  };
}
