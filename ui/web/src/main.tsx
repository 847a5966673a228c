// SPDX-License-Identifier: Apache-2.0
// main.tsx: reads the data of the page and draws it.
import {type ComponentChildren, render} from 'preact';
import {useEffect, useMemo, useState} from 'preact/hooks';
import {Page} from './context';
import {readPage} from './dump';
import {Header, viewsOf} from './header';
import {Help} from './help';
import {useLive} from './live';
import {type PageJson} from './page_json';
import {Search} from './query';
import {go, useRoute, type View} from './route';
import {CompareView} from './views/compare';
import {FindingsView} from './views/findings';
import {FlameView} from './views/flame';
import {GraphView} from './views/graph';
import {ObjectsView} from './views/objects';
import {TasksView} from './views/tasks';
import {TimelineView} from './views/timeline';

const kViews: Readonly<Record<View, () => ComponentChildren>> = {
  findings: FindingsView, tasks: TasksView, flame: FlameView, graph: GraphView, objects: ObjectsView,
  timeline: TimelineView, compare: CompareView,
};

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

function App({json}: {json: PageJson}) {
  const route = useRoute();
  const live = useLive(json);
  const {dump} = live;
  const [helping, setHelping] = useState(false);
  const search = useMemo(() => new Search(dump), [dump]);
  const tasks = useMemo(() => search.tasks(route.q), [search, route.q]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const view = viewsOf(dump.json)[Number(event.key) - 1]?.[0];
      if (view !== undefined) go({...route, view, choices: {}});
      else if (event.key === '?') setHelping(true);
      else if (event.key === '/') document.getElementById('filter')?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [route.view, route.q]);
  const View = kViews[route.view];
  return (
    <Page.Provider value={{dump, route, tasks}}>
      <Header onHelp={() => setHelping(true)} live={json.refresh_ms === 0 ? null : live} />
      <main class={`view-${route.view}`}><View /></main>
      {helping && <Help onClose={() => setHelping(false)} />}
    </Page.Provider>
  );
}

function Failure({message}: {message: string}) {
  return (
    <main class="failure">
      <div role="alert"><h1>This page cannot be shown</h1><p>{message}</p></div>
      <p>The same as text: <code>stray report DUMP</code></p>
    </main>
  );
}

async function start(): Promise<void> {
  const root = document.getElementById('app')!;
  const data = document.getElementById('stray-data');
  try {
    if (data === null) throw new Error('There is no data in it.');
    const json = await readPage(data);
    data.remove();
    if (json.schema !== 'stray.page/1') throw new Error(`Its data has schema ${json.schema}, and this page reads stray.page/1.`);
    document.title = `${json.processes[0]?.name ?? 'no process'}: ${json.headline}`;
    render(<App json={json} />, root);
    performance.mark('stray.drawn');
  } catch (error) {
    render(<Failure message={error instanceof Error ? error.message : String(error)} />, root);
  }
}

void start();
