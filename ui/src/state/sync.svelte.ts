/** Where this laptop stands with its server, and how that is said. */
import type { SyncStatus } from '@/bindings/sync';
import { clock, stamp } from '@/kit/format';
import * as ipc from '@/ipc';
import { t, words } from '@/words.svelte';
import { fail } from './surface.svelte';

class Sync {
  /** `null`: this workspace never joined a server. */
  now = $state.raw<SyncStatus | null>(null);
  /** Somebody has asked for a round and waits for it. */
  asked = $state(false);
}
export const sync = new Sync();

/** A round at once, and where things stand after it. */
export async function syncNow(): Promise<void> {
  sync.asked = true;
  try {
    sync.now = await ipc.sync_now();
  } catch (thrown) {
    fail(thrown);
  } finally {
    sync.asked = false;
  }
}

export type SyncState = 'attention' | 'ended' | 'stopped' | 'offline' | 'receiving' | 'pending' | 'synced';

/** What matters most: first what waits for a person, then what explains why nothing moves. */
export function stateOf(status: SyncStatus): SyncState {
  if (status.problem?.code === 'sign_in_refused') return 'ended';
  if (status.attention > 0) return 'attention';
  if (status.offline_since) return 'offline';
  if (status.problem) return 'stopped';
  if (!status.synced_at || status.receiving) return 'receiving';
  return status.pending > 0 ? 'pending' : 'synced';
}

/** The server shows a certificate that this laptop does not trust: signing in can name the company's own. */
export const isUntrusted = (status: SyncStatus | null): boolean => status?.problem?.code === 'server_untrusted';

/** Today by the clock, earlier with its day. */
export function since(at: string, now = new Date()): string {
  const today = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  return at.startsWith(today) ? clock(at) : stamp(at, words.language, now.getFullYear());
}

/** The badge's words. */
export function badgeOf(status: SyncStatus): string {
  const state = stateOf(status);
  switch (state) {
    case 'attention':
      return t('sync.attention', { count: status.attention });
    case 'offline': {
      const time = since(status.offline_since ?? '');
      if (status.days_left !== null) return t('sync.offline_days_left', { count: status.days_left });
      return status.pending > 0
        ? t('sync.offline_pending', { time, count: status.pending })
        : t('sync.offline', { time });
    }
    case 'pending':
      return t('sync.pending', { count: status.pending });
    case 'ended':
      return t('sync.ended');
    case 'stopped':
      return t('sync.stopped');
    case 'receiving': {
      const so_far = status.receiving;
      return so_far?.of
        ? t('sync.receiving_share', { share: Math.floor((100 * Math.min(so_far.records, so_far.of)) / so_far.of) })
        : t('sync.receiving');
    }
    case 'synced':
      return t('sync.synced');
  }
}

/** What else is to be known: what will be, or is, not shown, and what is not here any more. */
export function noticesOf(status: SyncStatus): string[] {
  const notices = [];
  if (status.days_left !== null && !status.withheld) notices.push(t('sync.days_left', { count: status.days_left }));
  if (status.pay_erased) notices.push(t('sync.pay_erased'));
  if (status.parked > 0) notices.push(t('sync.parked', { count: status.parked }));
  if (status.escrowed > 0) notices.push(t('sync.escrowed', { count: status.escrowed }));
  return notices;
}

/** The same as the sentence of the screen. */
export function leadOf(status: SyncStatus): string {
  switch (stateOf(status)) {
    case 'attention':
      return t('sync.lead_attention', { count: status.attention });
    case 'offline':
      return t('sync.lead_offline', { time: since(status.offline_since ?? '') });
    case 'pending':
      return t('sync.lead_pending', { count: status.pending });
    case 'ended':
      return t('sync.lead_ended');
    case 'stopped':
      return t('sync.lead_stopped');
    case 'receiving':
      return t('sync.lead_receiving');
    case 'synced':
      return t('sync.lead_synced');
  }
}
