import { mount } from 'svelte';
import './tokens.css';
import './base.css';
import App from './frame/App.svelte';
import { fail } from './state/surface.svelte';
import { setLanguage } from './words.svelte';

// The system's language until the shell says what the person chose.
setLanguage(navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
// As it looked last time, until the settings are read: no flash of the other theme.
const theme = localStorage.getItem('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;

// Nothing fails silently.
window.addEventListener('unhandledrejection', (event) => fail(event.reason));

mount(App, { target: document.getElementById('app') as HTMLElement });
