"""What the server shows after a crash: is it what the store holds?"""

import hashlib
from collections import defaultdict
from typing import Any

import msgspec

from scripts.crash.ledger import Found
from scripts.crash.operations import post_key
from scripts.crash.shopping import Lines, is_customer
from scripts.server_process import Process, ServerFailed

_PICTURES = 20
_PAGES = 200
_ORDERS = 20


class Shown:
    """Reads over HTTP, with one account after the other."""

    def __init__(self, server: Process, tokens: dict[str, str], found: Found):
        self._server = server
        self._tokens = tokens
        self._found = found
        self._likers: dict[str, set[str]] = defaultdict(set)
        self._replies: dict[str, list[str]] = defaultdict(list)
        self._order_counts: dict[str, int] = defaultdict(int)
        for key, value in found.facts.items():
            if key[0] == "like":
                self._likers[key[2]].add(key[1])
            elif key[0] == "reply":
                self._replies[value].append(key[1])
            elif key[0] == "order":
                self._order_counts[value[0]] += 1
        self.problems: list[str] = []
        self.read = 0

    def check(self, *, since_postid: int) -> list[str]:
        """Compare posts from a number on with their pictures, sleep records, carts and orders."""
        for account in self._tokens:
            if is_customer(account):
                self._check_cart_and_orders(account)
            else:
                self._check_nights(account)
        account = next(iter(self._tokens))
        pictures = 0
        for post in self._feed(account, since_postid):
            self._compare(("a post", post["postid"]), post, self._expected(post, account))
            digests = self._found.facts.get(post_key(post["content"]), ())
            if digests and pictures < _PICTURES:
                pictures += len(digests)
                self._check_pictures(account, post["postid"], digests)
        return self.problems

    def _feed(self, account: str, since_postid: int) -> list[dict[str, Any]]:
        """The posts from `since_postid` on, and those that share the last page with them."""
        shown: list[dict[str, Any]] = []
        for _ in range(_PAGES):
            body = {"last_post_id": shown[-1]["postid"]} if shown else {}
            page = self._json(account, "POST", "/api/forum/posts/", body)["posts"]
            shown += page
            if not page or shown[-1]["postid"] <= since_postid:
                return self._with_all(shown, since_postid)
        return shown

    def _with_all(self, shown: list[dict[str, Any]], since_postid: int) -> list[dict[str, Any]]:
        texts = {post["content"] for post in shown}
        for key, number in self._found.numbers.items():
            if key[0] == "post" and int(number) >= since_postid and key[1] not in texts:
                self.problems.append(f"post {number} is in the store, and not in the feed")
        return shown

    def _expected(self, post: dict[str, Any], account: str) -> dict[str, Any]:
        text = post["content"]
        key = post_key(text)
        return {
            "postid": self._found.numbers.get(key),
            "picture_count": len(self._found.facts.get(key, ())),
            "likes": len(self._likers[text]),
            "isliked": account in self._likers[text],
            "replies": len(self._replies[text]),
            "reply_content": sorted(self._replies[text]),
        }

    def _compare(self, what: object, shown: dict[str, Any], expected: dict[str, Any]) -> None:
        self.read += 1
        seen = {name: shown[name] for name in expected}
        seen["reply_content"] = sorted(reply["content"] for reply in seen["reply_content"])
        if seen != expected:
            self.problems.append(f"{what} is shown as {seen}, and is {expected}")

    def _check_pictures(self, account: str, postid: int, digests: tuple[str, ...]) -> None:
        for index, digest in enumerate(digests):
            path = f"/api/forum/post_pictures/{postid}/{index}/"
            self.read += 1
            if hashlib.sha256(self._content(account, "GET", path)).hexdigest() != digest:
                self.problems.append(f"picture {index} of post {postid} is shown with other bytes")

    def _check_nights(self, account: str) -> None:
        shown = self._json(account, "GET", "/api/sleep-records/")
        seen = {(night["note"], night["date"], night["id"]) for night in shown}
        held = {
            (key[1], value[1], self._found.numbers[key])
            for key, value in self._found.facts.items()
            if key[0] == "sleep" and value[0] == account
        }
        self.read += len(shown)
        if seen != held:
            self.problems.append(f"the sleep records of {account} differ by {seen ^ held}")

    def _check_cart_and_orders(self, account: str) -> None:
        """The cart, how many orders there are, and the newest of them."""
        cart = self._json(account, "GET", "/api/v1/cart")["data"]
        held = self._found.facts.get(("cart", account), ())
        if _lines(cart) != held:
            self.problems.append(f"the cart of {account} is shown as {_lines(cart)}, and is {held}")
        orders = self._json(account, "GET", f"/api/v1/orders?page_size={_ORDERS}")
        total = orders["meta"]["total_items"]
        if total != self._order_counts[account]:
            self.problems.append(
                f"{account} is shown {total} orders, and has {self._order_counts[account]}"
            )
        for order in orders["data"]:
            key = ("order", order["notes"])
            fact = self._found.facts.get(key, ("", (), (), ""))
            seen = (order["id"], account, _lines(order), order["status"])
            kept = (self._found.numbers.get(key), fact[0], fact[1], fact[3])
            if seen != kept:
                self.problems.append(f"an order is shown as {seen}, and is {kept}")
        self.read += 1 + len(orders["data"])

    def _json(self, account: str, method: str, path: str, body: Any = None) -> Any:
        return msgspec.json.decode(self._content(account, method, path, body))

    def _content(self, account: str, method: str, path: str, body: Any = None) -> bytes:
        status, content = self._server.call(method, path, body, token=self._tokens[account])
        if status != 200:
            raise ServerFailed(f"{method} {path} was answered {status} {content[:200]!r}")
        return content


def _lines(shown: dict[str, Any]) -> Lines:
    """What is in a cart or an order as it is shown."""
    return tuple(sorted((item["product_id"], item["quantity"]) for item in shown["items"]))
