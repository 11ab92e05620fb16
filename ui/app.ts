// The few lines pages have of their own. Every page works without them.
import 'htmx.org';

const on = <K extends keyof DocumentEventMap>(type: K, act: (event: DocumentEventMap[K]) => void) =>
  document.addEventListener(type, act);
const near = <T extends Element>(event: Event, selector: string) =>
  event.target instanceof Element ? event.target.closest<T>(selector) : null;

// Ctrl-K or / goes to the search field, Escape closes an open menu.
on('keydown', (event) => {
  const typing = near(event, 'input, textarea, select') !== null;
  if ((event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !typing)) {
    const field = document.querySelector<HTMLInputElement>('[data-search]');
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === 'Escape') {
    const menu = near<HTMLDetailsElement>(event, 'details.menu[open]');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  }
});

// A page that is shown on a big screen turns by its keys: links that name one.
on('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (near(event, 'input, textarea, select, summary, button') !== null) return;
  document.querySelector<HTMLAnchorElement>(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// A click elsewhere closes menus.
on('click', (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
    if (!menu.contains(event.target as Node)) menu.open = false;
  }
  const opener = near<HTMLElement>(event, '[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog ?? '');
  if (dialog instanceof HTMLDialogElement && dialog.showModal) {
    event.preventDefault(); // without scripts the same link opens the confirm page
    dialog.showModal();
  }
  if (near(event, '[data-close]')) near<HTMLDialogElement>(event, 'dialog')?.close();
  if (near(event, '[data-print]')) window.print();
});

// Filters apply themselves when a choice changes; typing waits for Enter.
on('change', (event) => {
  const form = near<HTMLFormElement>(event, 'form[data-auto]');
  if (form && near(event, 'select, input[type=checkbox], input[type=radio], input[type=date], input[type=month]')) form.requestSubmit();
});

// A form is sent once; what was typed is not lost by leaving.
const touched = new Set<HTMLFormElement>();
on('input', (event) => {
  const form = near<HTMLFormElement>(event, 'form[data-keep]');
  if (form) touched.add(form);
});
on('submit', (event) => {
  const form = event.target as HTMLFormElement;
  touched.delete(form);
  if (form.method !== 'post' || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = 'yes';
  // After the browser has read the form: a disabled button would not be sent with it.
  setTimeout(() => form.querySelectorAll('button').forEach((button) => button.setAttribute('aria-disabled', 'true')));
});
addEventListener('beforeunload', (event) => {
  if ([...touched].some((form) => form.isConnected)) event.preventDefault();
});
addEventListener('pageshow', () => {
  // Back from a sent page: the form may be sent again (its key makes a repeat harmless).
  document.querySelectorAll<HTMLFormElement>('form[data-sent]').forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll('[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled'));
  });
});

// What is dragged onto another row is sent by the page's own form; without scripts that row's page does the same.
const dragged = 'text/plain';
for (const hint of document.querySelectorAll<HTMLElement>('[data-moves]')) hint.hidden = false;
for (const item of document.querySelectorAll<HTMLElement>('[data-drag]')) item.draggable = true;
let held: HTMLElement | null = null;
const target = (event: Event) => {
  const row = held && near<HTMLElement>(event, '[data-drop]');
  return row && row.dataset.unit !== held?.dataset.drag ? row : null;
};
on('dragstart', (event) => {
  held = near<HTMLElement>(event, '[data-drag]');
  if (held) event.dataTransfer?.setData(dragged, held.textContent ?? '');
});
on('dragover', (event) => {
  const row = target(event);
  for (const other of document.querySelectorAll('.drop-here')) if (other !== row) other.classList.remove('drop-here');
  if (!row) return;
  event.preventDefault();
  row.classList.add('drop-here');
});
on('dragend', () => {
  held = null;
  for (const row of document.querySelectorAll('.drop-here')) row.classList.remove('drop-here');
});
on('drop', (event) => {
  const row = target(event);
  const form = document.querySelector<HTMLFormElement>('form#move');
  if (!row || !held || !form) return;
  event.preventDefault();
  form.action = row.dataset.drop ?? '';
  (form.elements.namedItem('unit') as HTMLInputElement).value = held.dataset.drag ?? '';
  form.requestSubmit();
});
