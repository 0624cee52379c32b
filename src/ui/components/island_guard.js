{
  const { dataset } = document.documentElement;
  const island = document.querySelector('.todoapp');

  // Not by a copy to compare with, which would be as much work as the page itself.
  const changes = [];
  const observer = new MutationObserver((records) => changes.push(...records));
  observer.observe(island, { attributeOldValue: true, characterDataOldValue: true, childList: true, subtree: true });

  const undo = ({ type, target, attributeName, oldValue, addedNodes, removedNodes, previousSibling, nextSibling }) => {
    if (type === 'childList') {
      for (const node of addedNodes) node.remove();
      if (previousSibling) previousSibling.after(...removedNodes);
      else if (nextSibling) nextSibling.before(...removedNodes);
      else target.append(...removedNodes);
    } else if (type === 'characterData') target.data = oldValue;
    else if (oldValue === null) target.removeAttribute(attributeName);
    else target.setAttribute(attributeName, oldValue);
  };

  const buttons = () => island.querySelectorAll('.view :is(.icon-button, .tag)');
  addEventListener('beforehydration', () => {
    changes.push(...observer.takeRecords());
    observer.disconnect();
    // The latest first, so that each finds the nodes beside it as they were.
    changes.reverse().forEach(undo);
    // A row is one tab stop with scripting.
    for (const button of buttons()) button.tabIndex = -1;
  });

  let isBroken = false;
  const fail = (error) => {
    if (!(error instanceof WebAssembly.RuntimeError) || isBroken) return;
    isBroken = true;
    delete dataset.hydrated;
    for (const button of buttons()) button.removeAttribute('tabindex');
    dataset.broken = '';
    document.querySelector('#broken').hidden = false;
  };
  addEventListener('error', ({ error }) => fail(error));
  addEventListener('unhandledrejection', ({ reason }) => fail(reason));

  for (const kind of ['beforeunload', 'change', 'click', 'focus', 'keydown', 'online', 'popstate', 'scroll', 'submit', 'visibilitychange'])
    addEventListener(kind, (event) => isBroken && event.stopImmediatePropagation(), true);
}
