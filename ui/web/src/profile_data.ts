// SPDX-License-Identifier: Apache-2.0
// profile_data.ts: what is counted by place and not by task: waits that have ended, contentions of a profile.
import type {Column, ProfileJson} from './page_json';

function values(column: Column, count: number): readonly number[] {
  return typeof column === 'number' ? new Array<number>(count).fill(column) : column;
}

export interface ProfileSite { stack: number; reason: number; number: number; delay: number }

export class Profile {
  readonly sites: readonly ProfileSite[];
  /** It is known how long they took. */
  readonly hasTimes: boolean;

  constructor(readonly json: ProfileJson) {
    const {sites} = json;
    const stack = values(sites.stack, sites.count), reason = values(sites.reason, sites.count);
    const number = values(sites.number, sites.count), delay = values(sites.delay_ns, sites.count);
    this.sites = stack.map((one, i) => ({stack: one, reason: reason[i]!, number: number[i]!, delay: delay[i]!}));
    this.hasTimes = this.sites.some((site) => site.delay > 0);
  }
}
