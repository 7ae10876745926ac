"""Categories and brands in the hands of staff."""

from handlers.bodies import Body
from handlers.shop.catalog_views import BrandView, CategoryView
from handlers.shop.staff import CatalogStaffHandler


class CreateCategory(Body, frozen=True, kw_only=True):
    """A new category; without `slug` it is made of the name, without `parent_id` at the top."""

    name: str
    slug: str | None = None
    description: str | None = None
    parent_id: str | None = None
    image_url: str | None = None


class UpdateCategory(Body, frozen=True, kw_only=True):
    """What changes; `parent_id` can be null, `"active": true` brings an archived one back."""

    name: str | None = None
    slug: str | None = None
    description: str | None = None
    parent_id: str | None = None
    image_url: str | None = None
    active: bool | None = None


class StaffCategoriesHandler(CatalogStaffHandler):
    """Make a category."""

    async def post(self) -> None:
        """Beyond SHOP: staff keep the catalog; the category's own names for its fields."""
        category = await self.editing.categories.create(
            self.parse_given(CreateCategory), actor=self.actor
        )
        self.render_data(CategoryView.of(category), status=201)


class StaffCategoryHandler(CatalogStaffHandler):
    """Change or archive a category."""

    async def patch(self, id: str) -> None:
        """Beyond SHOP: what is not in the body stays."""
        given = self.parse_given(UpdateCategory, nullable=("parent_id",))
        self.render_data(
            CategoryView.of(await self.editing.categories.update(id, given, actor=self.actor))
        )

    async def delete(self, id: str) -> None:
        """Beyond SHOP: the category is archived, once nothing is in it."""
        await self.editing.categories.archive(id, actor=self.actor)
        self.render_nothing()


class CreateBrand(Body, frozen=True, kw_only=True):
    """A new brand; without `slug` it is made of the name."""

    name: str
    slug: str | None = None
    description: str | None = None
    logo_url: str | None = None


class UpdateBrand(Body, frozen=True, kw_only=True):
    """What changes; `"active": true` brings an archived one back."""

    name: str | None = None
    slug: str | None = None
    description: str | None = None
    logo_url: str | None = None
    active: bool | None = None


class StaffBrandsHandler(CatalogStaffHandler):
    """Make a brand."""

    async def post(self) -> None:
        """Beyond SHOP: staff keep the catalog; the brand's own names for its fields."""
        brand = await self.editing.brands.create(self.parse_given(CreateBrand), actor=self.actor)
        self.render_data(BrandView.of(brand), status=201)


class StaffBrandHandler(CatalogStaffHandler):
    """Change or archive a brand."""

    async def patch(self, id: str) -> None:
        """Beyond SHOP: what is not in the body stays."""
        given = self.parse_given(UpdateBrand)
        self.render_data(
            BrandView.of(await self.editing.brands.update(id, given, actor=self.actor))
        )

    async def delete(self, id: str) -> None:
        """Beyond SHOP: the brand is archived, once all of its products are."""
        await self.editing.brands.archive(id, actor=self.actor)
        self.render_nothing()
