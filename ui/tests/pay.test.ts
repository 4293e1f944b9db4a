import { fireEvent } from '@testing-library/svelte';
import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { money } from './fixtures/make';
import { pay, payOwn } from './fixtures/people';
import { world } from './preview/ipc';
import { find, open, settle } from './window';

const press = async (element: HTMLElement | null) => {
  await fireEvent.click(element!);
  await settle();
};

describe('a line of the receipt', () => {
  it('opens to the orders that it counted, and closes', async () => {
    const { container } = await open({ screen: 'pay' }, 'rep');
    const line = find(container, 'open-new_customers')!;
    expect(line.getAttribute('aria-expanded')).toBe('false');
    expect(world.calls.some(([name]) => name === 'why_show')).toBe(false);
    await press(line);
    expect(line.getAttribute('aria-expanded')).toBe('true');
    expect(world.calls).toContainEqual(['why_show', 'pay:n']);
    const shown = container.querySelector('[role="group"][aria-label="新客户数：计入的订单"]')!;
    expect(shown.textContent).toContain('订单 13');
    // Newest first, at most ten, and how many more there are.
    expect([...shown.querySelectorAll('li')].map((row) => row.children[1]?.textContent)).toEqual(
      Array.from({ length: 10 }, (_, i) => `QH-2608-10${i}`),
    );
    expect(shown.querySelector('li')?.textContent).toContain('¥5,200.00');
    expect(find(container, 'orders-rest')?.textContent).toBe('其余 3 条');
    await press(find(container, 'orders-rest'));
    expect(container.querySelectorAll('section.drawer li.selectable').length).toBe(13);
    await press(line);
    expect(line.getAttribute('aria-expanded')).toBe('false');
    expect(container.querySelector('[role="group"][aria-label="新客户数：计入的订单"]')).toBeNull();
  });

  it('names customers kept by others or lost, and says when it does not add up', async () => {
    const { container } = await open({ screen: 'pay' }, 'rep', 'en');
    await press(find(container, 'open-retention_rate'));
    expect(find(container, 'orders-note')?.textContent).toContain('83.3%');
    expect(find(container, 'orders-note')?.textContent).toContain('They do not add up');
    const rows = [...container.querySelectorAll('.behind li')].map((row) => row.textContent);
    expect(rows[1]).toContain('C1100 · ordered from a colleague');
    expect(rows[2]).toContain('C1101 · no order');
  });

  it('has no finding of axe when it is open', async () => {
    const { container } = await open({ screen: 'pay' }, 'rep');
    await press(find(container, 'open-new_customers'));
    const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
    const result = await axe.run(container, { rules });
    expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join('\n')}`)).toEqual([]);
  }, 60_000);
});

describe('a question about a line', () => {
  afterEach(() => {
    payOwn.may_question = true;
    payOwn.commissions = [];
    pay.may_question = true;
  });

  it('begins a note about oneself for the managers, with the line quoted, and keeps nothing', async () => {
    const { container } = await open({ screen: 'pay' }, 'rep');
    await press(find(container, 'question-new_customers'));
    const text = find(container, 'note-text') as HTMLTextAreaElement;
    expect(text.value).toBe(
      '> 关于2026年8月的奖金，新客户数：11 / 10，达成 110.0%，计入 100.0%，权重 40，得分 40.00\n\n',
    );
    expect(document.activeElement).toBe(text);
    expect(text.selectionStart).toBe(text.value.length);
    expect(container.querySelector('h2')?.textContent).toBe('记一条关于自己的');
    await new Promise((done) => setTimeout(done, 700));
    expect(world.calls.filter(([name]) => name === 'draft_save' || name === 'note_add')).toEqual([]);
    await fireEvent.input(text, { target: { value: `${text.value}第 11 家是谁？` } });
    await press(find(container, 'note-save'));
    expect(world.calls.find(([name]) => name === 'note_add')?.[1]).toMatchObject({
      about_id: 'wu-qian',
      kind: 'note',
      visibility: 'managers',
    });
  });

  it('adds the quotation to a draft that is there', async () => {
    world.drafts.set('note-new-wu-qian', {
      key: 'note-new-wu-qian',
      body: JSON.stringify({ text: '写到一半' }),
      saved_at: '2026-09-21T08:41:00+08:00',
    });
    const { container } = await open({ screen: 'pay' }, 'rep', 'en');
    await press(find(container, 'question-retention_rate'));
    expect((find(container, 'note-text') as HTMLTextAreaElement).value).toBe(
      '写到一半\n\n> Pay for August 2026, Retention rate: 78.0% / 100.0%, attainment 78.0%, counted 78.0%, weight 30, points 23.40\n\n',
    );
  });

  it('is a note about the person for whoever may write one', async () => {
    const { container } = await open({ screen: 'person', person: 'zhang-san' }, 'manager');
    await press(find(container, 'pay-show'));
    await press(find(container, 'question-sales_amount'));
    expect((find(container, 'note-text') as HTMLTextAreaElement).value).toContain('¥363,000.00 / ¥330,000.00');
    expect(container.querySelector('h2')?.textContent).toContain('张三');
  });

  it('is not offered where no note may be written', async () => {
    payOwn.may_question = false;
    const { container } = await open({ screen: 'pay' }, 'rep');
    expect(container.querySelector('[data-testid^="question-"]')).toBeNull();
    expect(find(container, 'open-new_customers')).not.toBeNull();
  });

  it('can be asked of a commission too', async () => {
    payOwn.commissions = [{ name: 'deals', amount: money(3_234), why: 'pay:c' }];
    const { container } = await open({ screen: 'pay' }, 'rep');
    expect(container.textContent).toContain('提成 deals');
    await press(find(container, 'open-deals'));
    expect(world.calls).toContainEqual(['why_show', 'pay:c']);
    await press(find(container, 'question-deals'));
    expect((find(container, 'note-text') as HTMLTextAreaElement).value).toContain('提成 deals：¥3,234.00');
  });
});
