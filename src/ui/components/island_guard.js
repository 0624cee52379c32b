{
  const { dataset } = document.documentElement;
  const island = document.querySelector('leptos-island');
  const asSent = island.cloneNode(true);

  const refill = (source) => {
    const boxes = () => [...island.querySelectorAll('.new-todo, .edit')];
    const typed = boxes().map((box) => [box.className, box.value, box === document.activeElement, box.selectionStart]);
    island.replaceChildren(...source.cloneNode(true).childNodes);
    for (const box of boxes()) {
      const [, value, isFocused, at] = typed.find(([name]) => name === box.className) ?? [];
      if (value !== undefined) box.value = value;
      if (isFocused) {
        box.focus();
        box.setSelectionRange(at, at);
      }
    }
  };

  addEventListener('beforehydration', () => {
    if (!island.isEqualNode(asSent)) refill(asSent);
  });

  let isBroken = false;
  const fail = (error) => {
    if (!(error instanceof WebAssembly.RuntimeError) || isBroken) return;
    isBroken = true;
    refill('hydrated' in dataset ? island : asSent);
    delete dataset.hydrated;
    dataset.broken = '';
    document.querySelector('#broken').hidden = false;
  };
  addEventListener('error', ({ error }) => fail(error));
  addEventListener('unhandledrejection', ({ reason }) => fail(reason));

  for (const kind of ['beforeunload', 'change', 'click', 'focus', 'keydown', 'online', 'popstate', 'scroll', 'submit', 'visibilitychange'])
    addEventListener(kind, (event) => isBroken && event.stopImmediatePropagation(), true);
}
