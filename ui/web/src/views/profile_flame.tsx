// SPDX-License-Identifier: Apache-2.0
// profile_flame.tsx: the places of a profile as a flame graph: where the time went, or what there were most of.
import {type ComponentChildren} from 'preact';
import {useMemo} from 'preact/hooks';
import {usePage} from '../context';
import {type FlameNode, profileTree} from '../flame_tree';
import {Empty, Select} from '../parts';
import {type Profile} from '../profile_data';
import {siteFilter} from '../query';
import {counted, duration} from '../words';
import {FlameChart} from './flame_chart';
import {type FlameChoices, toneOf} from './flame_choices';

export function ProfileFlame({profile, choices, of}: {profile: Profile; choices: FlameChoices; of: ComponentChildren}) {
  const {dump, route} = usePage();
  const {json} = profile;
  const weight = profile.hasTimes && choices.weight !== 'number' ? 'wait' : 'count';
  const sites = useMemo(() => {
    const holds = siteFilter(dump, route.q);
    return profile.sites.filter((site) => holds(site.stack, site.reason));
  }, [dump, profile, route.q]);
  const tree = useMemo(() => profileTree(dump, sites, weight, choices.inverted, choices.internal),
                       [dump, sites, weight, choices.inverted, choices.internal]);
  const valueText = (node: FlameNode) => weight === 'count' ? counted(node.tasks, json.noun)
                                                            : `${duration(node.value) || '0 s'} in ${counted(node.tasks, json.noun)}`;
  return (
    <section aria-label="Flame graph">
      <div class="controls">
        {of}
        {profile.hasTimes && <Select label="Width" value={weight === 'wait' ? 'time' : 'number'} onChange={(value) => choices.set({weight: value})}
                                     options={[['time', 'time'], ['number', `${json.noun}s`]]} />}
        {choices.controls}
        <span class="spring" />
        {choices.zoom.length > 0 && <button type="button" class="button" onClick={() => choices.set({})}>Zoom out</button>}
      </div>
      <p class="faint">{json.meaning}</p>
      {tree.value === 0
        ? <Empty>{sites.length === 0 && profile.sites.length > 0 ? 'No place fits the filter.' : 'Nothing was counted.'}</Empty>
        : <FlameChart root={tree} label={`The ${json.name} profile`} valueText={valueText} tone={toneOf}
                      search={choices.find} zoom={choices.zoom} onZoom={choices.onZoom} />}
    </section>
  );
}
