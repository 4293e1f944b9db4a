/** The rail: which screens exist, for whom, and their keys. A screen a viewer may not open is not drawn. */
import Database from '@lucide/svelte/icons/database';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Network from '@lucide/svelte/icons/network';
import Receipt from '@lucide/svelte/icons/receipt';
import Sun from '@lucide/svelte/icons/sun';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';
import type { ScreenName } from '@/state/route.svelte';
import type { Key } from '@/words.svelte';

export interface RailEntry {
  screen: ScreenName;
  name: Key;
  icon: Component;
  /** Any of these. */
  abilities: string[];
}

export const rail: RailEntry[] = [
  { screen: 'today', name: 'screen.today', icon: Sun, abilities: ['see_team', 'see_goals'] },
  { screen: 'goals', name: 'screen.goals', icon: Network, abilities: ['see_goals'] },
  { screen: 'team', name: 'screen.team', icon: Users, abilities: ['see_team'] },
  { screen: 'pay', name: 'screen.pay', icon: Receipt, abilities: ['see_own_pay'] },
  { screen: 'incentives', name: 'screen.incentives', icon: Receipt, abilities: ['close_period', 'publish_plan'] },
  {
    screen: 'conversations',
    name: 'screen.conversations',
    icon: MessageSquare,
    abilities: ['see_notes', 'write_notes'],
  },
  { screen: 'data', name: 'screen.data', icon: Database, abilities: ['import_data', 'see_audit'] },
];

export const visible = (can: (ability: string) => boolean): RailEntry[] =>
  rail.filter((entry) => entry.abilities.some(can));
