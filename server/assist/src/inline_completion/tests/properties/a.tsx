import { useState } from "react";

type Props = { title: string; items: string[] };

export function List({ title, items }: Props) {
  const [open, setOpen] = useState(false);
  const shown = items.filter((item) => item.length > 0);

  return (
    <section className="list">
      <h2 onClick={() => setOpen(!open)}>{title}</h2>
      {open && (
        <ul>
          {shown.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      )}
      <p>That is all there is.</p>
      <Footer count={shown.length} />
    </section>
  );
}

function Footer({ count }: { count: number }) {
  return <footer>{count === 1 ? "one item" : `${count} items`}</footer>;
}
