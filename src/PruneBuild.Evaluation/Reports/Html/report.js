'use strict';
// Filters of the flips. The address keeps them (report.html#flips?kind=lost&slice=edge), so a view can be sent to somebody.
const form = document.querySelector('form.filters');
if (form) {
  const rows = [...document.querySelectorAll('#flip-table tbody tr')];
  const apply = () => {
    const { kind, slice, text } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = (kind.value && row.dataset.kind !== kind.value)
        || (slice.value && row.dataset.slice !== slice.value)
        || (wanted && !row.textContent.toLowerCase().includes(wanted));
      if (!row.hidden) shown++;
    }
    form.elements.count.value = shown === rows.length ? `${shown} cases` : `${shown} of ${rows.length} cases`;
  };
  const restore = () => {
    const [place, query] = decodeURI(location.hash).split('?');
    if (place !== '#flips' || !query) return;
    for (const [name, value] of new URLSearchParams(query)) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    document.getElementById('flips').scrollIntoView();
  };
  form.addEventListener('input', () => {
    apply();
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, '', query.size ? `#flips?${query}` : '#flips');
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', () => { restore(); apply(); });
  restore();
  apply();
}
// Paper cannot be clicked.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});
