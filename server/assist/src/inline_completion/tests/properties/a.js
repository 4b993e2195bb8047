// A basket of goods.

export class Basket {
  constructor(items = []) {
    this.items = items;
  }

  add(item) {
    this.items.push(item);
    return this;
  }

  total() {
    return this.items.reduce((sum, item) => sum + item.price, 0);
  }

  remove(name) {
    this.items = this.items.filter((item) => item.name !== name);
    return this;
  }

  cheaperThan(price) {
    return this.items.
  }
}

/**
 * Waits, then asks again.
 */
export async function retry(ask, { times = 3, pause = 100 } = {}) {
  for (let n = 0; n < times; n++) {
    try {
      return await ask(n);
    } catch (error) {
      console.warn(`attempt ${n + 1} of ${times}: ${error.message}`);
    }
    await new Promise((done) => setTimeout(done, pause));
  }
  throw new Error("gave up");
}

const routes = {
  "/": (request) => ({ status: 200, body: "home" }),
  "/basket": async (request) => {
    const items = await load(request.user);
    return { status: items.length > 0 ? 200 : 404, body: items };
  },
};

switch (process.argv[2]) {
  case "serve":
    serve(routes, /^\/[a-z(]+$/);
    break;
  default:
    process.exit(1);
}
