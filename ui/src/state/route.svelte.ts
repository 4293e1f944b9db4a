/** Where the person is: a screen and what it shows. Back and forward like a browser, kept per window. */
import { workspace } from './workspace.svelte';

export type ScreenName =
  'today' | 'goals' | 'team' | 'person' | 'pay' | 'incentives' | 'conversations' | 'data' | 'settings';

export interface Place {
  screen: ScreenName;
  unit?: string;
  person?: string;
  goal?: string;
  note?: string;
  /** Start a talk with `person` at once. */
  visit?: boolean;
  /** What a new note about `person` begins with, as a quotation. */
  quote?: string;
  /** A tab or a file to begin with. */
  tab?: string;
  files?: string[];
}

class Route {
  place = $state<Place>({ screen: 'today' });
  private back: Place[] = [];
  private forward: Place[] = [];
  /** Month screens and year screens remember their own period. */
  private periods = $state<Record<string, string>>({});
  unit = $state<string | null>(null);

  go(place: Place): void {
    this.back.push(this.place);
    this.forward = [];
    this.place = place;
    if (place.unit) this.unit = place.unit;
  }
  replace(place: Place): void {
    this.place = place;
  }
  goBack(): void {
    const place = this.back.pop();
    if (!place) return;
    this.forward.push(this.place);
    this.place = place;
  }
  goForward(): void {
    const place = this.forward.pop();
    if (!place) return;
    this.back.push(this.place);
    this.place = place;
  }
  reset(): void {
    this.back = [];
    this.forward = [];
    this.periods = {};
    this.unit = null;
    this.place = { screen: 'today' };
  }

  /** Goals are read by the year, everything else by the month. */
  get period(): string {
    const group = this.place.screen === 'goals' ? 'year' : 'month';
    const home = workspace.open?.home_period ?? '';
    return this.periods[group] ?? (group === 'year' ? home.slice(0, 4) : home);
  }
  setPeriod(period: string): void {
    this.periods[this.place.screen === 'goals' ? 'year' : 'month'] = period;
  }
  /** The unit chosen in the top bar, or the viewer's own. */
  get unitId(): string | null {
    return this.unit ?? workspace.open?.home_unit_id ?? null;
  }
}
export const route = new Route();
