import { mount } from 'svelte';
import './tokens.css';
import './base.css';
import App from './frame/App.svelte';
import * as ipc from './ipc';
import { remember } from './kit/memory';
import { fail } from './state/surface.svelte';
import { applyLook } from './state/workspace.svelte';
import { setLanguage } from './words.svelte';

// As it was left, before the first answer of the shell: no flash of another language or theme.
const left = ipc.left();
setLanguage(left.language);
applyLook(left);
remember(left.tables, (name, choice) => void ipc.window_table_keep(name, choice).catch(fail));

// Nothing fails silently.
window.addEventListener('unhandledrejection', (event) => fail(event.reason));

mount(App, { target: document.getElementById('app') as HTMLElement });
