import { fireEvent, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { route } from '@/state/route.svelte';
import * as goals from './fixtures/goals';
import { world } from './preview/ipc';
import { find, open, settle } from './window';

const cellOf = (root: HTMLElement, id: string, column = 'target') =>
  root.querySelector<HTMLElement>(`[data-id="${id}"] [data-col="${column}"]`)!;
async function typeInto(root: HTMLElement, id: string, text: string, column = 'target') {
  cellOf(root, id, column).focus();
  await fireEvent.keyDown(cellOf(root, id, column), { key: 'F2' });
  await settle();
  const field = root.querySelector<HTMLInputElement>('input.edit')!;
  await fireEvent.input(field, { target: { value: text } });
  return field;
}

describe('goals', () => {
  it('publish what was previewed, and the button says what', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.keyDown(await typeInto(container, 'g26-company', '1.2亿'), { key: 'Enter' });
    await settle();
    const publish = find(container, 'adjust-publish')!;
    expect(publish.textContent).toContain('45 人的 9月–12月目标将变更');
    await fireEvent.click(find(container, 'reading-year_total')!);
    await settle();
    await fireEvent.click(publish);
    await settle();
    expect(world.calls).toContainEqual([
      'goal_wish_publish',
      { wish: 'adjust', goal_id: 'g26-company', target_text: '1.2亿', reading: 'year_total', from: null },
      'd1',
      null,
    ]);
  });
  it('show beside the old figure what a typed one would do, until it is dropped', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    // The preview answers for what is typed; the row above shows what would be left.
    await fireEvent.click(container.querySelector('[data-id="g26-jia"] .fold')!);
    const field = await typeInto(container, 'g26-张三', '400万');
    await waitFor(() => expect(cellOf(container, 'g26-jia', 'reserve').textContent).toContain('12.3'));
    await fireEvent.keyDown(field, { key: 'Escape' });
    await settle();
    expect(cellOf(container, 'g26-jia', 'reserve').textContent).toContain('超配 60.0');
    expect(world.calls.some(([name]) => String(name).startsWith('goal_'))).toBe(false);
  });
  it('have columns of months, of which the open ones are typed', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.click(container.querySelector('[data-testid=goal-columns] input[value=months]')!);
    await settle();
    expect([...container.querySelectorAll('thead th')].map((th) => th.textContent)).toContain('12月');
    expect(cellOf(container, 'g26-jia', '2026-08').getAttribute('aria-readonly')).toBe('true');
    await fireEvent.keyDown(await typeInto(container, 'g26-jia', '40万', '2026-10'), { key: 'Enter' });
    await settle();
    expect(find(container, 'adjust-month')?.textContent).toContain('2026年10月');
  });
  it('say of a pasted block what it would do and which cells cannot be read, before it is taken', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.click(container.querySelector('[data-id="g26-jia"] .fold')!);
    cellOf(container, 'g26-张三', 'name').focus();
    await fireEvent.paste(document.activeElement!, {
      clipboardData: { getData: () => '张三\t400\n李四\t多少\n王五\t30\n' },
    });
    await settle();
    expect(find(container, 'paste-sum')?.textContent).toContain('读到 1 格');
    const wrong = [...find(container, 'paste-wrong')!.querySelectorAll('li')].map((li) => li.textContent);
    expect(wrong[0]).toContain('第 2 行第 2 列，李四');
    expect(wrong[1]).toContain('王五');
    expect(find(container, 'paste-sheet')!.querySelector('table')!.textContent).toContain('4,000,000');
    await fireEvent.click(find(container, 'paste-take')!);
    await settle();
    const [, edits, digest] = world.calls.find(([name]) => name === 'goal_set')!;
    expect(digest).toBe('d2');
    expect(edits).toMatchObject([{ name: '张三', period: '2026', text: '400' }, { name: '李四' }, { name: '王五' }]);
    expect(find(container, 'paste-sheet')).toBeNull();
  });
  it('are narrowed by name and by mark, with the way to each hit', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    const shown = () => [...container.querySelectorAll('tbody tr[data-id]')].map((tr) => tr.getAttribute('data-id'));
    await fireEvent.input(find(container, 'goal-find')!, { target: { value: '张三' } });
    await settle();
    expect(shown()).toEqual(['g26-company', 'g26-A', 'g26-jia', 'g26-张三']);
    expect(find(container, 'goals-found')?.textContent).toBe('1 个目标');
    await fireEvent.input(find(container, 'goal-find')!, { target: { value: '' } });
    await fireEvent.click(find(container, 'filter-behind')!);
    await settle();
    expect(shown()).toContain('g26-ding');
    expect(shown()).not.toContain('g26-张三');
    expect(find(container, 'filter-behind')!.getAttribute('aria-pressed')).toBe('true');
  });
});

describe('agreement on goals', () => {
  beforeEach(() => Object.assign(world, { proposals: [], unacknowledged: [] }));
  it('two rows are selected and shifted with M; beyond the freedom it is sent with a comment', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.click(container.querySelector('[data-id="g26-yi"] .fold')!);
    cellOf(container, 'g26-吴倩').focus();
    await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown', shiftKey: true });
    await settle();
    await fireEvent.keyDown(document.activeElement!, { key: 'm', code: 'KeyM' });
    await settle();
    expect((find(container, 'shift-from') as HTMLSelectElement).value).toBe('g26-吴倩');
    expect((find(container, 'shift-to') as HTMLSelectElement).value).toBe('g26-吕婷');
    await fireEvent.input(find(container, 'shift-amount')!, { target: { value: '5万' } });
    await waitFor(() => expect(find(container, 'shift-publish')!.textContent).toContain('提交给A 华东的负责人审批'));
    expect(find(container, 'shift-publish')!.hasAttribute('disabled')).toBe(true);
    await fireEvent.input(find(container, 'shift-comment')!, { target: { value: '展会线索' } });
    await fireEvent.click(find(container, 'shift-publish')!);
    await settle();
    expect(world.calls).toContainEqual([
      'goal_wish_propose',
      { wish: 'shift', from_id: 'g26-吴倩', to_id: 'g26-吕婷', amount_text: '5万', month: '2026-09' },
      'd1',
      '展会线索',
      null,
    ]);
  });
  it('a proposal is sent back with a comment, or approved as it was previewed', async () => {
    world.proposals = [goals.proposal];
    const { container } = await open({ screen: 'today' });
    expect(find(container, 'proposal-open')!.textContent).toContain('吴倩 → 何静 ¥50,000');
    await fireEvent.click(find(container, 'proposal-decide')!);
    await settle();
    expect(find(container, 'proposal-send-back')!.hasAttribute('disabled')).toBe(true);
    await fireEvent.input(find(container, 'proposal-comment')!, { target: { value: '先谈谈' } });
    await fireEvent.click(find(container, 'proposal-send-back')!);
    await settle();
    expect(world.calls).toContainEqual(['goal_proposal_decide', 'p-1', 'send_back', '先谈谈', null]);
    await fireEvent.click(find(container, 'proposal-decide')!);
    await settle();
    await fireEvent.click(find(container, 'proposal-approve')!);
    await settle();
    expect(world.calls).toContainEqual(['goal_proposal_decide', 'p-1', 'approve', '', 'd1']);
  });
  it('one that came back opens in its form and is sent again under its id', async () => {
    world.proposals = [{ ...goals.proposal, state: 'sent_back', mine: true, mine_to_decide: false }];
    const { container } = await open({ screen: 'today' });
    await fireEvent.click(find(container, 'proposal-open')!);
    await settle();
    await fireEvent.click(find(container, 'proposal-again')!);
    await settle();
    expect((find(container, 'shift-amount') as HTMLInputElement).value).toBe('50000');
    await fireEvent.input(find(container, 'shift-comment')!, { target: { value: '谈过了' } });
    await fireEvent.click(find(container, 'shift-publish')!);
    await settle();
    expect(world.calls.find(([name]) => name === 'goal_wish_propose')?.slice(3)).toEqual(['谈过了', 'p-1']);
  });
  it('a rep acknowledges a changed goal with A; who leads sees who has not', async () => {
    world.unacknowledged = [goals.unacknowledged];
    const rep = await open({ screen: 'today' }, 'rep');
    expect(rep.container.textContent).toContain('¥288万 → ¥307.2万');
    await fireEvent.keyDown(window, { key: 'a', code: 'KeyA' });
    await settle();
    expect(world.calls).toContainEqual(['goal_acknowledge', 'g26-吴倩', 3]);
    rep.unmount();
    const manager = await open({ screen: 'today' });
    expect(find(manager.container, 'unacknowledged')!.textContent).toContain('吴倩目标已变更，未确认');
    manager.unmount();
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.click(find(container, 'filter-unacknowledged')!);
    await settle();
    expect(find(container, 'goals-found')!.textContent).toBe('1 个目标');
  });
});

describe('a month of goals', () => {
  it('takes a typed figure for that month alone, without a choice of readings', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    route.setPeriod('2026-09');
    await settle();
    await fireEvent.keyDown(await typeInto(container, 'g26-company', '900万'), { key: 'Enter' });
    await settle();
    expect(container.querySelector('[data-testid=adjust-sheet] input[type=radio]')).toBeNull();
    expect(find(container, 'adjust-month')?.textContent).toContain('只改2026年9月：¥833.333万 → ¥900万');
    const publish = find(container, 'adjust-publish')!;
    expect(publish.textContent).toContain('45 人的9月目标将变更');
    await fireEvent.click(publish);
    await settle();
    expect(world.calls).toContainEqual([
      'goal_wish_publish',
      { wish: 'adjust', goal_id: 'g26-company', target_text: '900万', reading: 'month', from: '2026-09' },
      'd1',
      null,
    ]);
  });
  it('locks with L, and says so', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    const row = container.querySelector<HTMLElement>('[data-id="g26-A"]')!;
    row.focus();
    await fireEvent.click(row);
    await fireEvent.keyDown(row, { key: 'l', code: 'KeyL' });
    await settle();
    expect(world.calls).toContainEqual(['goal_lock', 'g26-A', true]);
    expect(container.textContent).toContain('已锁定A 华东的目标');
  });
});

describe('seats and profiles', () => {
  const set = async (root: HTMLElement, id: string, value: string) => {
    const field = find(root, id) as HTMLInputElement;
    await (field instanceof HTMLSelectElement ? fireEvent.change : fireEvent.input)(field, { target: { value } });
    await settle();
  };
  it('a seat is added, filled from its team, and removed', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.click(find(container, 'goal-seats')!);
    await settle();
    expect(find(container, 'seat-seat-1')?.textContent).toContain('空缺');
    expect((find(container, 'seat-add') as HTMLButtonElement).disabled).toBe(true);
    await set(container, 'seat-name', '华东增员');
    await set(container, 'seat-unit', 'A');
    await fireEvent.click(find(container, 'seat-add')!);
    await settle();
    expect(world.calls.find(([name]) => name === 'seat_put')?.[1]).toMatchObject({
      name: '华东增员',
      unit_id: 'A',
      position: 'new_business',
      from: '2026-09-21',
      to: null,
    });
    await fireEvent.click(find(container, 'seat-fill-甲组新席位')!);
    await settle();
    await set(container, 'seat-person', 'zhang-san');
    await set(container, 'seat-ramp', 'newcomer');
    await fireEvent.click(find(container, 'seat-fill-do')!);
    await settle();
    expect(world.calls).toContainEqual(['seat_fill', 'seat-1', 'zhang-san', '2026-09', 'newcomer']);
    await fireEvent.click(find(container, 'seat-remove-甲组新席位')!);
    await settle();
    expect(world.calls).toContainEqual(['seat_remove', 'seat-1']);
    expect(await axe.run(find(container, 'seats-sheet')!).then((it) => it.violations)).toEqual([]);
  });
  it('a ramp is changed, and not kept while a month of it is no percent', async () => {
    const { container } = await open({ screen: 'goals' }, 'hr');
    await fireEvent.click(find(container, 'goal-allocate')!);
    await settle();
    await fireEvent.click(find(container, 'profiles-ramp')!);
    await settle();
    await set(container, 'profile-figure-1', '120');
    const keep = find(container, 'profile-keep') as HTMLButtonElement;
    expect(keep.disabled).toBe(true);
    expect(find(container, 'profiles-sheet')?.textContent).toContain('0 到 100');
    await set(container, 'profile-figure-1', '50');
    await fireEvent.click(keep);
    await settle();
    expect(world.calls).toContainEqual([
      'goal_profile_put',
      { id: 'newcomer', name: '新人', name_en: 'Newcomers', kind: 'ramp', figures: [50, 50, 75, 100] },
    ]);
  });
});
