import { afterEach } from 'vitest';
import { cleanup } from '@testing-library/svelte';

afterEach(cleanup);
// jsdom has neither; what the app does with them is not what these tests look at.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView ??= () => undefined;
HTMLCanvasElement.prototype.getContext = (() => null) as never;
globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') } as never;

// jsdom lays nothing out: as high as in a window of usual size.
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 632, configurable: true });
window.matchMedia ??= ((media: string) => ({
  media,
  matches: true,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
})) as never;
