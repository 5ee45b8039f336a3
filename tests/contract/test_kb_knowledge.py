"""What the knowledge base promises, on SQLite and PostgreSQL, with an embedded index and with a server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from kb_world import FAQ, CountingEmbedder, DyingIndex, Killed, World, chroma_server, draft, what_it_says

import kb
from kb.vector_index import VectorIndex, open_index

PASSWORD = "How do I reset my password?"
ASKED = (PASSWORD, "forgot my password", "shipping time", "money back please", "what is the weather like?")


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> kb.Embedder:
    return kb.open_embedder(cache=model_cache)


@pytest.fixture(scope="module", params=["embedded", "server"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorIndex]:
    folder = tmp_path_factory.mktemp("index")
    if request.param == "embedded":
        opened = open_index(folder)
        yield opened
        opened.close()
        return
    with chroma_server(folder) as url:
        opened = open_index(url)
        yield opened
        opened.close()


@pytest.fixture
def world(sessions: kb.Sessions, index: VectorIndex, embedder: kb.Embedder) -> Iterator[World]:
    made = World(sessions, index, embedder)
    yield made
    made.forget()


def test_what_is_published_is_found_and_says_where_it_came_from(world: World) -> None:
    entries = world.learn_faq()
    found = world.search("I forgot my password and want a new one").best
    assert found is not None
    assert found.entry == entries[PASSWORD]
    assert found.entry.content.provenance.source == "faq.csv"
    assert found.entry.created_by == "ada"
    assert found.matched == PASSWORD
    with world.sessions() as session:
        assert world.knowledge.get(session, world.workspace, found.entry.id) == found.entry


def test_what_says_the_same_words_is_found_by_them_while_it_is_live(world: World) -> None:
    entry = world.learn_faq()[PASSWORD]

    def saying(answer: str) -> list[kb.EntryId]:
        with world.sessions() as session:
            return [one.id for one in world.knowledge.saying(session, world.workspace, answer)]

    assert saying(f"  {entry.answer.upper()} ") == [entry.id]
    assert saying(f"{entry.answer} Or not.") == []
    with world.sessions.begin() as session:
        world.knowledge.stop(session, world.workspace, entry.id, by="ada")
    assert saying(entry.answer) == []


def test_every_version_stays_and_the_current_one_is_found(world: World) -> None:
    first = world.learn_faq()[PASSWORD]
    with world.sessions.begin() as session:
        content = replace(first.content, answer="Ask the IT desk.", phrasings=("new password needed",))
        second = world.knowledge.revise(session, world.workspace, first.id, content, by="sam", expected_version=1)
    world.knowledge.apply_pending()
    assert (second.version, second.created_by) == (2, "sam")
    best = world.search("new password needed").best
    assert best is not None
    assert best.entry == second
    with world.sessions() as session:
        assert world.knowledge.history(session, world.workspace, first.id) == (first, second)
        assert world.knowledge.get(session, world.workspace, first.id, 1) == first


def test_a_decision_on_an_old_version_is_refused_and_changes_nothing(world: World) -> None:
    first = world.learn_faq()[PASSWORD]
    with world.sessions.begin() as session:
        world.knowledge.revise(session, world.workspace, first.id, replace(first.content, answer="B"), by="sam")
    for change in (world.knowledge.stop, world.knowledge.retire):
        with pytest.raises(kb.StaleVersion, match="version 2"), world.sessions.begin() as session:
            change(session, world.workspace, first.id, by="ada", expected_version=1)
    with world.sessions() as session:
        assert len(world.knowledge.history(session, world.workspace, first.id)) == 2
        assert world.knowledge.version(session, world.workspace) == len(FAQ) + 1


def test_what_the_caller_rolls_back_never_happened(world: World) -> None:
    world.learn_faq()
    with world.sessions() as session:
        world.knowledge.publish(session, world.workspace, draft("Where can I park?"), by="ada")
        session.rollback()
    with world.sessions() as session:
        assert world.knowledge.version(session, world.workspace) == len(FAQ)
        assert len(world.knowledge.entries(session, world.workspace)) == len(FAQ)
    assert world.knowledge.apply_pending(world.workspace) == 0


def test_an_undo_restores_exactly_what_search_returned_before(world: World) -> None:
    first = world.learn_faq()[PASSWORD]
    before = [what_it_says(world.search(question, limit=100)) for question in ASKED]

    with world.sessions.begin() as session:
        other = replace(first.content, question="Password?", answer="No.", phrasings=("shipping time", "lost key"))
        world.knowledge.revise(session, world.workspace, first.id, other, by="ada")
        world.knowledge.publish(session, world.workspace, draft("forgot my password", "Too bad."), by="ada")
    world.knowledge.apply_pending()
    assert [what_it_says(world.search(question, limit=100)) for question in ASKED] != before

    with world.sessions.begin() as session:
        world.knowledge.restore(session, world.workspace, first.id, to_version=1, by="ada")
        new = world.knowledge.entries(session, world.workspace)[-1]
        world.knowledge.restore(session, world.workspace, new.id, to_version=0, by="ada")
    world.knowledge.apply_pending()
    assert [what_it_says(world.search(question, limit=100)) for question in ASKED] == before


def test_an_undo_restores_exactly_what_search_returned_where_the_index_chooses_the_candidates(world: World) -> None:
    world.publish(*(draft(f"How do I order part {n} for lamp {n * 7}?", f"Part {n}.") for n in range(120)))
    asked = [f"ordering part {number}" for number in range(0, 120, 12)]
    before = [what_it_says(world.search(question, limit=100)) for question in asked]
    with world.sessions.begin() as session:
        entries = world.knowledge.entries(session, world.workspace)[::3]
        for entry in entries:
            changed = replace(entry.content, question=f"Ordering: {entry.answer}", phrasings=("ordering part 20",))
            world.knowledge.revise(session, world.workspace, entry.id, changed, by="ada")
    world.knowledge.apply_pending()
    assert [what_it_says(world.search(question, limit=100)) for question in asked] != before
    with world.sessions.begin() as session:
        for entry in entries:
            world.knowledge.restore(session, world.workspace, entry.id, to_version=1, by="ada")
    world.knowledge.apply_pending()
    assert [what_it_says(world.search(question, limit=100)) for question in asked] == before


def test_a_stopped_entry_is_gone_at_once_and_comes_back_as_it_was(world: World) -> None:
    entry = world.learn_faq()[PASSWORD]
    before = what_it_says(world.search(PASSWORD))
    with world.sessions.begin() as session:
        world.knowledge.stop(session, world.workspace, entry.id, by="sam")
    # The index has not followed yet, and still holds it.
    assert entry.id not in {hit.entry.id for hit in world.search(PASSWORD, limit=100).hits}
    world.knowledge.apply_pending()
    assert world.knowledge.verify(world.workspace).ok
    with world.sessions.begin() as session:
        assert world.knowledge.get(session, world.workspace, entry.id).status is kb.EntryStatus.STOPPED
        world.knowledge.restore(session, world.workspace, entry.id, to_version=1, by="sam")
    world.knowledge.apply_pending()
    assert what_it_says(world.search(PASSWORD)) == before


def test_nobody_is_shown_or_influenced_by_what_is_not_meant_for_them(
    world: World, sessions: kb.Sessions, index: VectorIndex, embedder: kb.Embedder
) -> None:
    public = [draft(f"How do I order part {number} for lamp {number * 7}?", f"Part {number}.") for number in range(90)]
    finance = kb.Audience(frozenset({"channel:C0FINANCE"}))
    secret = [
        draft(f"What is the secret price of part {n} for lamp {n * 7}?", f"{n} euro.", audience=finance)
        for n in range(70)
    ]
    # Apart, so that what is public is embedded in the same batches: what a text is padded beside moves its last digits.
    world.publish(*public)
    world.publish(*secret)
    without = World(sessions, index, embedder)
    without.publish(*public)
    # More restricted entries are near these questions than the index is asked for at first.
    for question in ("secret price of part 12 for lamp 84", "How do I order part 12 for lamp 84?", "lamp"):
        assert what_it_says(world.search(question, limit=100)) == what_it_says(without.search(question, limit=100))
    best = world.search("secret price of part 12 for lamp 84", readers=frozenset({"channel:C0FINANCE"})).best
    assert best is not None
    assert best.entry.answer == "12 euro."


def test_an_audience_that_was_narrowed_holds_before_the_index_follows(world: World) -> None:
    entry = world.learn_faq()[PASSWORD]
    with world.sessions.begin() as session:
        narrowed = replace(entry.content, audience=kb.Audience(frozenset({"group:S0SUPPORT"})))
        world.knowledge.revise(session, world.workspace, entry.id, narrowed, by="ada")
    assert entry.id not in {hit.entry.id for hit in world.search(PASSWORD, limit=100).hits}
    assert world.search(PASSWORD, readers=frozenset({"group:S0SUPPORT"})).confidence > 0.9


def test_workspaces_know_nothing_of_each_other(
    world: World, sessions: kb.Sessions, index: VectorIndex, embedder: kb.Embedder
) -> None:
    entry = world.learn_faq()[PASSWORD]
    other = World(sessions, index, embedder)
    assert other.search(PASSWORD).hits == ()
    assert other.search(PASSWORD).confidence == 0.0
    with pytest.raises(kb.UnknownEntry), other.sessions.begin() as session:
        other.knowledge.stop(session, other.workspace, entry.id, by="eve")


def test_applying_twice_or_from_many_sides_at_once_leaves_exactly_the_right_points(world: World) -> None:
    world.publish(*map(draft, FAQ, FAQ.values()), apply=False)
    others = [world.another() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda each: each.apply_pending(world.workspace), others))
    assert sum(done) == len(FAQ)
    assert world.knowledge.apply_pending(world.workspace) == 0
    report = world.knowledge.verify(world.workspace)
    assert report.ok
    assert report.points == 2 * len(FAQ)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_kill_while_applying_loses_nothing_and_repeats_nothing(world: World, calls: int, after: bool) -> None:
    first = world.learn_faq()[PASSWORD]
    world.embedder.texts.clear()
    with world.sessions.begin() as session:
        content = replace(first.content, question="Forgot your password?", phrasings=("new password",))
        world.knowledge.revise(session, world.workspace, first.id, content, by="ada")
    # In order: the collection is made sure of, the new points are written, the one that is gone is deleted.
    dying = DyingIndex(world.index, calls, after=after)
    with pytest.raises(Killed):
        world.another(index=dying).apply_pending(world.workspace)
    assert world.knowledge.apply_pending(world.workspace) == 1
    assert world.knowledge.verify(world.workspace).ok
    assert world.embedder.texts == ["Forgot your password?", "new password"]


def test_changes_from_many_sides_at_once_are_counted_without_gaps(world: World) -> None:
    def publish(number: int) -> None:
        with world.sessions.begin() as session:
            world.knowledge.publish(session, world.workspace, draft(f"Question {number}?"), by="ada")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(publish, range(30)))
    with world.sessions() as session:
        assert world.knowledge.version(session, world.workspace) == 30
    assert world.knowledge.apply_pending(world.workspace) == 30
    assert world.knowledge.verify(world.workspace).ok


def test_a_rebuild_embeds_nothing_and_gives_the_same_answers(world: World) -> None:
    world.learn_faq()
    before = [what_it_says(world.search(question)) for question in ASKED]
    world.embedder.texts.clear()
    report = world.knowledge.rebuild(world.workspace)
    assert (report.entries, report.points, report.embedded) == (len(FAQ), 2 * len(FAQ), 0)
    assert world.embedder.texts == []
    assert [what_it_says(world.search(question)) for question in ASKED] == before
    assert world.knowledge.verify(world.workspace).collection == report.collection
    # Nothing of the generation before is left.
    assert sum(report.collection[:-1] in name for name in world.index.collections()) == 1


def test_verify_says_what_is_missing_what_is_too_much_and_what_differs(world: World) -> None:
    world.learn_faq()
    report = world.knowledge.verify(world.workspace)
    assert report.ok
    name = report.collection
    first, second, *_ = sorted(world.index.ids(name))
    vectors = world.index.vectors(name, [first, second])
    world.index.delete(name, [first])
    world.index.upsert(name, [second, "foreign:question:0"], vectors[first][None].repeat(2, axis=0))
    report = world.knowledge.verify(world.workspace)
    assert not report.ok
    assert (report.missing, report.surplus, report.differing) == ((first,), ("foreign:question:0",), (second,))
    world.knowledge.rebuild(world.workspace)
    assert world.knowledge.verify(world.workspace).ok


def test_an_index_that_was_removed_is_made_again_from_the_database(world: World) -> None:
    """It must not be taken for one that holds nothing: nobody would notice."""
    world.learn_faq()
    [collection] = [
        one for one in world.index.collections() if one == world.knowledge.verify(world.workspace).collection
    ]
    world.index.drop(collection)
    world.embedder.texts.clear()
    assert world.knowledge.apply_pending(world.workspace) == len(FAQ)
    assert world.embedder.texts == [], "what was embedded once is known"
    assert world.knowledge.verify(world.workspace).ok
    assert world.search(PASSWORD).best is not None


def test_a_rebuild_that_was_cut_off_serves_the_old_and_is_finished_by_the_next(world: World) -> None:
    world.learn_faq()
    before = what_it_says(world.search(PASSWORD))
    with pytest.raises(Killed):
        world.another(index=DyingIndex(world.index, 2, after=True)).rebuild(world.workspace)
    assert what_it_says(world.search(PASSWORD)) == before
    with world.sessions.begin() as session:
        world.knowledge.publish(session, world.workspace, draft("Where can I park?"), by="ada")
    world.knowledge.apply_pending()
    assert world.knowledge.rebuild(world.workspace).entries == len(FAQ) + 1
    assert world.knowledge.verify(world.workspace).ok


def test_another_model_gets_its_own_collection_and_the_old_one_serves_until_it_is_complete(world: World) -> None:
    world.learn_faq()
    new = CountingEmbedder(world.embedder, turned=True)
    switching = world.another(embedder=new, previous=world.embedder)
    assert switching.search(world.workspace, PASSWORD).model == world.embedder.model
    assert new.texts == []
    with world.sessions.begin() as session:
        switching.publish(session, world.workspace, draft("Where can I park?"), by="ada")
    seen: list[tuple[int, int]] = []
    assert switching.apply_pending(world.workspace, lambda done, total: seen.append((done, total))) == len(FAQ) + 1
    assert seen[-1] == (len(FAQ) + 1, len(FAQ) + 1)
    assert len(new.texts) == 2 * len(FAQ) + 2
    # The old model answered for the new entry as well, as long as it served.
    assert world.search("Where can I park?").confidence > 0.9
    found = switching.search(world.workspace, "Where can I park?")
    assert found.model == new.model
    assert found.confidence > 0.9
    assert switching.verify(world.workspace).ok


def test_drafts_without_words_are_refused_and_change_nothing(world: World) -> None:
    for wrong in (draft("  "), draft("🎉"), draft("Where?", " \n")):
        with pytest.raises(kb.InvalidDraft), world.sessions.begin() as session:
            world.knowledge.publish(session, world.workspace, wrong, by="ada")
    with world.sessions() as session:
        assert world.knowledge.version(session, world.workspace) == 0
        assert world.knowledge.entries(session, world.workspace) == ()


def test_lists_are_narrowed_by_status_kind_and_source(world: World) -> None:
    entry = world.learn_faq()[PASSWORD]
    passage = world.publish(draft("Handbook", "Lamps need oil.", kind=kb.EntryKind.PASSAGE))[0]
    with world.sessions.begin() as session:
        stopped = world.knowledge.stop(session, world.workspace, entry.id, by="ada")
        listed = world.knowledge.entries
        assert listed(session, world.workspace, status=kb.EntryStatus.STOPPED) == (stopped,)
        assert listed(session, world.workspace, kind=kb.EntryKind.PASSAGE) == (passage,)
        assert len(listed(session, world.workspace, source="faq.csv")) == len(FAQ) + 1
        assert listed(session, world.workspace, source="other.csv") == ()
