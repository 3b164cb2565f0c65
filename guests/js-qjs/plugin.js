import { log, rate } from 'rates';

const coupons = new Map([['TEN', { tag: 'percent', val: 10 }], ['FIVE', { tag: 'amount', val: 5 }], ['GIFT', { tag: 'free-item', val: 'mug' }]]);
const sum = items => items.reduce((total, { quantity, price }) => total + quantity * price, 0);

const fib = n => (n < 2 ? n : fib(n - 1) + fib(n - 2));

export const pricing = {
  quoteOrder({ customer, items, coupon }) {
    if (items.length === 0) throw 'empty-order';
    if (items.some(({ quantity }) => quantity > 1000)) throw 'too-large';
    const applied = [];
    if (coupon !== undefined) {
      if (!coupons.has(coupon)) throw 'unknown-coupon';
      applied.push(coupons.get(coupon));
    }
    if (items.some(({ tags }) => tags.includes('sale'))) applied.push({ tag: 'percent', val: 20 });
    let total = sum(items);
    for (const { tag, val } of applied) total -= tag === 'percent' ? (total * val) / 100 : tag === 'amount' ? val : 0;
    const euro = rate('EUR');
    log(`${customer}: ${total}`);
    return { total, applied, note: euro === undefined ? undefined : `EUR ${(total * euro).toFixed(2)}` };
  },
  transform(json) {
    const { values = [], ...rest } = JSON.parse(json);
    return JSON.stringify({ ...rest, count: values.length, sorted: [...values].sort() });
  },
  fib, // QuickJS components take and give 64-bit integers as plain numbers
  spin() { for (;;); },
};
