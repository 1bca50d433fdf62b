import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../ui/tokens.css';
import '../ui/base.css';
import { createAppStore, StoreContext } from '../store.ts';
import { App } from './App.tsx';
import { createClient } from './client.ts';
import { CommandsContext } from './commands.ts';
import { followTheme } from './theme.ts';
import { openPort } from './transport.ts';

const store = createAppStore();
followTheme(store, document.documentElement, localStorage);
const commands = createClient({
  store,
  openPort,
  memory: localStorage,
  page: document,
  openTab: (url) => void window.open(url, '_blank', 'noopener,noreferrer'),
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <StoreContext value={store}>
      <CommandsContext value={commands}>
        <App />
      </CommandsContext>
    </StoreContext>
  </StrictMode>,
);
