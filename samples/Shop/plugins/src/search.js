// The search rule in JavaScript: an article counts once for each word that its name or tags hold.
import { write } from 'shop:rules/log@1.0.0';

export const finding = {
  search(words, articles) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const scored = articles
      .map(({ sku, name, tags }) => ({ sku, score: wanted.filter(word => [name, ...tags].some(text => text.toLowerCase().includes(word))).length }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
    write(`searched for ${wanted.length} words`);
    return scored.map(({ sku }) => sku);
  },
};
