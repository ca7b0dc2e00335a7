const tasks = [
  {
    title: 'Pull the plug on one side',
    column: 'todo',
    assignee: { name: 'You' },
    due: { date: '', estimateHours: 1 },
    tags: ['start here'],
    notes: [{ id: 'switch', text: 'The switch at the top of a client cuts its requests and its socket.' }],
  },
  {
    title: 'Edit this task on both sides',
    column: 'todo',
    assignee: { name: '' },
    due: { date: '', estimateHours: null },
    tags: ['merge'],
    notes: [
      { id: 'disjoint', text: 'Different fields, tags and notes: both sides are kept.' },
      { id: 'same', text: 'The same field: a conflict is recorded below.' },
    ],
  },
  {
    title: 'Reload while offline',
    column: 'doing',
    assignee: { name: 'Ada' },
    due: { date: '', estimateHours: 2 },
    tags: ['storage'],
    notes: [],
  },
  {
    title: 'Choose another strategy',
    column: 'done',
    assignee: { name: 'Grace' },
    due: { date: '', estimateHours: null },
    tags: [],
    notes: [],
  },
];

/** Gives a board that never had a task a few to play with. */
export async function addSampleTasks(sync) {
  const feed = await sync.fetch(new Request('http://localhost/v1/changes?collections=tasks&limit=1'));
  const { changes } = await feed.json();
  if (changes.length > 0) return;
  for (const [index, task] of tasks.entries()) {
    const id = `sample-${index + 1}`;
    const entity = { id, ...task, createdAt: `2026-01-01T00:00:0${index}.000Z` };
    await sync.fetch(
      new Request(`http://localhost/v1/tasks/${id}`, {
        method: 'PUT',
        headers: {
          'content-type': 'application/json',
          'if-none-match': '*',
          'idempotency-key': `"playground-${id}"`,
          'sync-client': 'playground',
        },
        body: JSON.stringify(entity),
      }),
    );
  }
}
