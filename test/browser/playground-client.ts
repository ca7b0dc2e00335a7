import type { BrowserContext, Locator, Page } from 'playwright-core';

export interface PlaygroundClient {
  readonly page: Page;
  readonly panel: Locator;
  /** Waits until the status line says all of this; keys are those of its data attributes. */
  status(wanted: Readonly<Record<string, string>>): Promise<void>;
  /** Pulls the plug, and waits until a crash of the page would not put it back. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  /** Adds a task and returns its card. */
  addTask(title: string): Promise<PlaygroundCard>;
  card(id: string): PlaygroundCard;
}

export interface PlaygroundCard {
  readonly id: string;
  readonly root: Locator;
  fill(field: string, value: string): Promise<void>;
  addTag(tag: string): Promise<void>;
  addNote(text: string): Promise<void>;
  /** Waits until every write of this page is in the storage. */
  saved(): Promise<void>;
  /** What the card shows now. */
  text(): Promise<TaskText>;
}

export interface TaskText {
  readonly title: string;
  readonly assignee: string;
  readonly due: string;
  readonly estimate: string;
  readonly tags: readonly string[];
  readonly notes: readonly string[];
}

/** Opens one client of the playground in a window of its own. */
export async function openClient(
  context: BrowserContext,
  address: string,
  side: 'left' | 'right',
): Promise<PlaygroundClient> {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(address);
  return clientOf(page, side);
}

/** One client on a page that is open. */
export function clientOf(page: Page, side: 'left' | 'right'): PlaygroundClient {
  const panel = page.getByTestId(`client-${side}`);
  const toggleNetwork = async (plugged: boolean) => {
    await panel.getByTestId('network-switch').click();
    await panel.and(page.locator(`[data-plugged="${plugged}"]`)).waitFor();
  };
  const card = (id: string) => cardOf(page, panel.getByTestId(`task-${id}`), id);
  return {
    page,
    panel,
    card,
    async status(wanted) {
      const attributes = Object.entries(wanted).map(([name, value]) => `[data-${name}="${value}"]`);
      await panel.locator(`[data-testid=status]${attributes.join('')}`).waitFor();
    },
    unplug: () => toggleNetwork(false),
    plugIn: () => toggleNetwork(true),
    async addTask(title) {
      await panel.getByTestId('add-task').click();
      const focused = await page.waitForFunction(titleWithCaret, `client-${side}`);
      const id = String(await focused.jsonValue()).replace(/^task-/, '');
      await card(id).fill('task-title', title);
      return card(id);
    },
  };
}

/** The card whose title has the caret, also where the window has no focus: `:focus` finds nothing then. Runs in the page. */
function titleWithCaret(client: string): string | null {
  const { activeElement: active } = document;
  const isTitle = active instanceof HTMLElement && active.dataset['testid'] === 'task-title';
  const card = isTitle ? active.closest<HTMLElement>(`[data-testid="${client}"] article`) : null;
  return card?.dataset['testid'] ?? null;
}

function cardOf(page: Page, root: Locator, id: string): PlaygroundCard {
  return {
    id,
    root,
    fill: (field, value) => root.getByTestId(field).fill(value),
    async addTag(tag) {
      await root.getByTestId('tag-input').fill(tag);
      await root.getByTestId('tag-input').press('Enter');
    },
    async addNote(text) {
      await root.getByTestId('note-add').click();
      await page.keyboard.insertText(text);
    },
    saved: () => root.and(page.locator('[data-unsaved="0"]')).waitFor(),
    text: () => root.evaluate(readText),
  };
}

/** Runs in the page. */
function readText(card: Element): TaskText {
  const valuesOf = (field: string) =>
    [...card.querySelectorAll<HTMLInputElement>(`[data-testid=${field}]`)].map((input) => input.value);
  return {
    title: valuesOf('task-title').join(),
    assignee: valuesOf('task-assignee').join(),
    due: valuesOf('task-due').join(),
    estimate: valuesOf('task-estimate').join(),
    tags: [...card.querySelectorAll<HTMLElement>('[data-tag]')].map((chip) => chip.dataset['tag'] ?? ''),
    notes: valuesOf('note-text'),
  };
}
